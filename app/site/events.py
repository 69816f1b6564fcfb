"""The acts of the site's history in words. Pure."""

LABELS = {
    "user.create": "invited a person",
    "user.update": "changed a name or keys",
    "user.disable": "disabled a person",
    "user.enable": "enabled a person",
    "user.make_admin": "made an administrator",
    "user.unmake_admin": "took administration away",
    "user.sign_in": "signed in",
    "user.sign_out": "signed out",
    "user.end_session": "ended a session",
    "user.end_sessions": "ended sessions",
    "user.change_password": "changed the password",
    "user.link_invitation": "made an invitation link",
    "user.link_reset": "made a reset link",
    "user.link_demo": "made a demo link",
    "user.accept_invitation": "accepted an invitation",
    "user.accept_reset": "chose a new password",
    "user.mail_invitation": "had an invitation mailed",
    "user.mail_reset": "had a reset mailed",
    "token.create": "made a token",
    "token.revoke": "revoked a token",
    "job.retry": "retried a job",
}


def label(verb: str) -> str:
    """The act in words; a verb that is missing above as it is stored."""
    return LABELS.get(verb, verb.replace(".", " ").replace("_", " "))
