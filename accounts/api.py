"""The API's sign-in, and who the caller is."""

from __future__ import annotations

from typing import cast

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from accounts import services
from accounts.authentication import TokenAuthentication
from accounts.models import User
from accounts.querysets import posts_of
from grids import clock


class CredentialsSerializer(serializers.Serializer[None]):
    """A user name and its password."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class TokenSerializer(serializers.Serializer[dict[str, str]]):
    token = serializers.CharField(help_text="Send as `Authorization: Token <token>`.")


class PlaceSerializer(serializers.Serializer[object]):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()


class OwnDepartmentSerializer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    place = PlaceSerializer(source="division")


class OwnPostSerializer(serializers.Serializer[object]):
    """A post held today. `place` is empty for a department's officer, both are for an administrator."""

    id = serializers.IntegerField(help_text="For the header `X-Gezhi-Post`.")
    role = serializers.CharField()
    role_label = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it away
    place = PlaceSerializer(source="division", allow_null=True)
    department = OwnDepartmentSerializer(allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True, help_text="The last day, included.")
    acting = serializers.BooleanField()


class MeSerializer(serializers.Serializer[object]):
    username = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    posts = OwnPostSerializer(many=True)


class TokenView(APIView):
    """Gives a token for a user name and its password. Failures count as on the sign-in page, with the same lock."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "token"

    @extend_schema(
        request=CredentialsSerializer,
        responses={
            200: TokenSerializer,
            401: OpenApiResponse(description="Wrong user name or password."),
            429: OpenApiResponse(description="Locked after too many failures, or too many requests."),
        },
    )
    def post(self, request: Request) -> Response:
        typed = CredentialsSerializer(data=request.data)
        typed.is_valid(raise_exception=True)
        username = typed.validated_data["username"].strip().lower()
        user = authenticate(request._request, username=username, password=typed.validated_data["password"])
        if not isinstance(user, User):
            raise AuthenticationFailed(_("用户名或密码不正确。"), code="wrong_credentials")
        if user.must_change_password:
            raise PermissionDenied(_("请先在网页上修改密码。"), code="password_change_required")
        return Response({"token": services.issue_api_token(user)})

    def get_authenticate_header(self, request: Request) -> str:
        return TokenAuthentication.keyword  # so that a wrong password answers 401, not 403


class MeView(APIView):
    """Who the caller is, and the posts held today."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        return Response(
            MeSerializer(
                {
                    "username": user.username,
                    "name": user.name,
                    "language": user.language,
                    "posts": posts_of(user, clock.today()),
                }
            ).data
        )
