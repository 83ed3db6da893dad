"""The pages of this app."""

from __future__ import annotations

from django.urls import path

from accounts.views import audit, people, posts, roster, session

app_name = "accounts"

urlpatterns = [
    path("login/", session.sign_in, name="sign_in"),
    path("logout/", session.sign_out, name="sign_out"),
    path("first-password/<str:secret>/", session.first_password, name="first_password"),
    path("password/", session.password, name="password"),
    path("me/", session.profile, name="profile"),
    path("language/", session.language, name="language"),
    path("post/switch/", session.switch_post, name="switch_post"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/link/", people.new_link, name="new_link"),
    path("people/<int:pk>/stop/", people.stop_person, name="stop_person"),
    path("people/<int:pk>/restart/", people.restart_person, name="restart_person"),
    path("people/<int:pk>/give-post/", posts.give_post, name="give_post"),
    path("posts/", posts.posts, name="posts"),
    path("posts/<int:pk>/end/", posts.end_post, name="end_post"),
    path("posts/<int:pk>/hand-over/", posts.hand_over_post, name="hand_over_post"),
    path("posts/<int:pk>/acting/", posts.acting_post, name="acting_post"),
    path("duty-roster/", roster.rosters, name="rosters"),
    path("duty-roster/<int:pk>/", roster.roster, name="roster"),
    path("duty-roster/entries/<int:pk>/remove/", roster.remove_duty, name="remove_duty"),
    path("audit/", audit.audit, name="record"),
    path("audit/sign-ins/", audit.sign_ins, name="sign_ins"),
]
