"""A page that cannot answer says why, what is safe and what to do, in every state of a project."""

from contextlib import contextmanager

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient
from web_fakes import token_of

from tests.projects import take_in
from tuttuno.tasks.open_account import open_account
from tuttuno.tasks.simulate_retailer import SETTINGS
from tuttuno.vault.vault import open_vault
from tuttuno.web.app import create_app
from tuttuno.workspace import make_workspace

READ = ("/", "/measures/channel_class", "/measures/click_and_collect", "/people", "/intake",
        "/quarantine", "/releases")  # fmt: skip


@contextmanager
def read_by(workspace, role="admin"):
    """A browser that is signed in to a real project."""
    password = open_account("carla", role, vault=workspace.vault)
    with TestClient(create_app(workspace), base_url="http://localhost") as client:
        form = {"login": "carla", "password": password, "csrf": token_of(client.get("/login"))}
        client.post("/login", data=form)
        yield client
    workspace.vault.close()


@pytest.fixture
def empty(tmp_path):
    return make_workspace(tmp_path / "new", settings=SETTINGS)


@pytest.fixture
def taken_in(empty, shop):
    """A project whose files came in and were never built."""
    take_in(empty, shop.exchange / "people.parquet", shop.exchange / "stores.parquet")
    return empty


def test_every_page_of_a_new_project_says_what_will_be_there(empty):
    with read_by(empty) as reader:
        for path in READ:
            page = reader.get(path)
            assert page.status_code == 200, path
        assert "There is no release to read yet." in reader.get("/").text
        assert "tuttuno ingest" in reader.get("/intake").text
        assert "The first build publishes release 1." in reader.get("/releases").text


def test_before_the_first_build_nobody_is_found_and_nothing_breaks(taken_in):
    with read_by(taken_in) as reader:
        page = reader.get("/people")
        found = reader.post("/people", data={"csrf": token_of(page), "text": "anna@example.it"})
        assert "Nobody matches." in found.text
        assert "No release yet" in found.text
        assert "Every record that came in is accounted for." in reader.get("/intake").text
        card = reader.get("/people/1")
        assert card.status_code == 404
        assert "There is no release to read yet." in card.text
        assert reader.get("/measures/rfm").status_code == 200


def test_what_came_in_after_the_build_is_said_not_to_be_in_the_numbers(own_shop, tmp_path):
    workspace = own_shop.open()
    late = pq.read_table(own_shop.exchange / "stores.parquet").slice(0, 1)
    at = late.column_names.index("store_id")
    pq.write_table(late.set_column(at, "store_id", [["S-new"]]), tmp_path / "stores.parquet")
    with read_by(workspace) as reader:
        assert "nothing new since then" in reader.get("/").text
        take_in(workspace, tmp_path / "stores.parquet")
        assert "1 record since then is not in it" in reader.get("/").text


def test_an_account_without_the_right_sees_why_and_nothing_else(own_shop):
    with read_by(own_shop.open(), role="analyst") as reader:
        refused = reader.get("/people/1")
        assert refused.status_code == 403
        assert "This account may not see this page" in refused.text
        assert "timeline" not in refused.text


def test_a_vault_that_somebody_keeps_busy_is_said_to_be_so(own_shop):
    workspace = own_shop.open()
    hasty = open_vault(workspace.vault.url, patience=0.1)
    object.__setattr__(workspace.stores, "vault", hasty)
    with read_by(workspace) as reader, own_shop.open().vault.begin():
        card = reader.get("/people/1")
        assert card.status_code == 503
        assert card.headers["retry-after"] == "30"
        assert "What was taken in is safe." in card.text
        assert reader.get("/measures/channel_class").status_code == 200


def test_a_vault_that_has_gone_leaves_a_page_that_says_so(own_shop):
    workspace = own_shop.open()
    with read_by(workspace) as reader:
        workspace.vault.path.rename(own_shop.root / "elsewhere")
        for path in ("/", "/releases"):
            page = reader.get(path)
            assert page.status_code == 503, path
            assert "tuttuno cannot answer just now" in page.text
            assert f'href="{path}">Try again</a>' in page.text
        answer = reader.get("/api/v1/measures/channel_class")
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:tuttuno:unavailable"
        assert reader.get("/healthz").status_code == 200
        assert reader.get("/readyz").status_code == 503
