"""The browser of the tests shows a page and reaches nothing else."""

import pytest

pytestmark = pytest.mark.browser


def test_it_runs_scripts(page):
    page.set_content("<p id=who></p><script>who.textContent = 'tutt' + '’uno'</script>")
    assert page.inner_text("#who") == "tutt’uno"


def test_tabs_do_not_remember_each_other(browser):
    first, second = browser.new_context(), browser.new_context()
    first.add_cookies([{"name": "card", "value": "1", "url": "http://127.0.0.1"}])
    assert second.cookies() == []
    first.close()
    second.close()
