"""What the tests of the admin of publishing share."""

import pytest

from cms.publishing.models import RoleAssignment


@pytest.fixture
def member(django_user_model):
    """A function that makes a member of staff with a role."""

    def member(role, scope=None, languages=(), name="member"):
        user = django_user_model.objects.create_user(name, f"{name}@example.org", is_staff=True)
        if role:
            RoleAssignment.objects.create(user=user, role=role, scope=scope, languages=list(languages))
        return user

    return member


@pytest.fixture
def log_in(client, member):
    """A function that logs in as a member of staff with a role."""

    def log_in(*args, **kwargs):
        user = member(*args, **kwargs)
        client.force_login(user)
        return user

    return log_in
