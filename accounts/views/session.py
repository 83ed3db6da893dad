"""Signing in and out, passwords, the own profile, the post acted under, the language."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import services
from accounts.forms import ContactForm, FirstPasswordForm, LanguageForm, PasswordForm, SignInForm, attempt
from accounts.guards import signed_in, without_post
from accounts.http import PostRequest
from accounts.middleware import SESSION_KEY
from accounts.models import User
from accounts.querysets import posts_of
from accounts.roles import Role
from grids import clock

ADMINISTRATORS_HOME = {
    Role.SYSTEM_ADMIN: "accounts:people",
    Role.SECURITY_ADMIN: "accounts:posts",
    Role.AUDIT_ADMIN: "accounts:record",
}


def home_of(user: User) -> str:
    """Where a person begins: administrators at what they administer, everybody else at the work."""
    posts = posts_of(user, clock.today())
    page = ADMINISTRATORS_HOME.get(Role(posts[0].role)) if posts else None
    return reverse(page) if page else settings.LOGIN_REDIRECT_URL


def came_from(request: HttpRequest) -> str:
    """The page a small form was sent from, if it is one of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else settings.LOGIN_REDIRECT_URL


class SignIn(LoginView):
    """The sign-in page. Failures are counted by django-axes, which also answers for a locked account."""

    form_class = SignInForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        return home_of(user) if isinstance(user, User) else settings.LOGIN_REDIRECT_URL


sign_in = without_post(sensitive_post_parameters("password")(SignIn.as_view()))


@without_post
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    logout(request)
    return redirect("accounts:sign_in")


@without_post
@never_cache
@sensitive_post_parameters("password", "again")
def first_password(request: HttpRequest, secret: str) -> HttpResponse:
    """Sets a password by a one-time link, and signs in."""
    link = services.open_link(secret)
    if link is None:
        return render(request, "accounts/link_gone.html", status=410)
    form = FirstPasswordForm(request.POST or None)
    if attempt(form, lambda data: services.set_first_password(secret, password=data["password"])):
        link.user.refresh_from_db()
        login(request, link.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        messages.success(request, _("密码已设置。以后用用户名和这个密码登录。"))
        return redirect(home_of(link.user))
    return render(request, "accounts/first_password.html", {"form": form, "person": link.user})


@without_post
@signed_in
@never_cache
@sensitive_post_parameters("old", "password", "again")
def password(request: PostRequest) -> HttpResponse:
    """Changes the own password; this session goes on, others end."""
    form = PasswordForm(request.POST or None)
    if attempt(
        form,
        lambda data: services.change_password(request.user, old=data["old"], new=data["password"]),
    ):
        request.user.refresh_from_db()
        update_session_auth_hash(request, request.user)
        messages.success(request, _("密码已修改，其他设备上的登录和接口令牌已失效。"))
        return redirect("accounts:profile")
    return render(request, "accounts/password.html", {"form": form})


@without_post
@signed_in
def profile(request: PostRequest) -> HttpResponse:
    """我的: the own posts, telephone, e-mail address and language."""
    form = ContactForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if attempt(
        form, lambda data: services.update_contact(request.user, phone=data["phone"], email=data["email"])
    ):
        messages.success(request, _("资料已保存。"))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@require_POST
@signed_in
def switch_post(request: PostRequest) -> HttpResponse:
    """Acts under another of the posts held today from now on."""
    wanted = next((post for post in request.posts if str(post.pk) == request.POST.get("post")), None)
    if wanted is None:
        messages.error(request, _("您今天没有这个岗位。"))
    else:
        request.session[SESSION_KEY] = wanted.pk
        messages.success(request, _("现在以“%(post)s”办理。") % {"post": wanted.label})
    return HttpResponseRedirect(came_from(request))


@without_post
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switches the language: kept on the account when signed in, in a cookie otherwise."""
    form = LanguageForm(request.POST)
    response = HttpResponseRedirect(came_from(request))
    if not form.is_valid():
        return response
    chosen = form.cleaned_data["language"]
    if request.user.is_authenticated:
        services.set_language(request.user, chosen)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, samesite="Lax", httponly=True
    )
    return response
