"""The browser fixtures themselves: a page that breaks the content security policy must not pass unseen."""


def test_login_page_loads_without_complaint(page):
    page.goto("/admin/")
    assert page.locator("input[name=username]").is_visible()
