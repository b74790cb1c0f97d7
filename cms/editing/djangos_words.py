"""What Django's admin says in English in one of the languages of the interface: its own translations lack it.

Here the texts are found for the site's catalogues, which come before Django's.
"""

from django.utils.translation import gettext_noop

DJANGOS_WORDS = (
    gettext_noop("View"),
    gettext_noop(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able "
        "to authenticate using other backends, such as Single Sign-On or LDAP."
    ),
)
