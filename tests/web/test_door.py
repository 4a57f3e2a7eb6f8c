"""Who gets in, for how long, and when the door stays closed."""

import pytest
from web_fakes import PASSWORD

from tuttuno.web.door import TRIES, TooManyTries, WrongPassword


def enter(door, password=PASSWORD, login="admin"):
    return door.enter(login, password, address="192.0.2.1")


def test_the_right_password_opens_a_session(door):
    viewer = door.viewer(enter(door))
    assert (viewer.login, viewer.role) == ("admin", "admin")


def test_every_sign_in_has_a_session_of_its_own(door):
    assert enter(door) != enter(door)


def test_the_vault_never_holds_the_secret_of_the_cookie(door, accounts):
    secret = enter(door)
    assert secret not in repr(accounts.sessions)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param("admin", "wrong", id="wrong-password"),
        pytest.param("nobody", PASSWORD, id="unknown-name"),
        pytest.param("admin", "", id="no-password"),
    ],
)
def test_name_and_password_are_refused_alike(door, login, password):
    with pytest.raises(WrongPassword, match="the name or the password is wrong"):
        enter(door, password, login)


@pytest.mark.parametrize(
    ("idle", "recognised"),
    [
        pytest.param(29, True, id="a-minute-before"),
        pytest.param(30, False, id="half-an-hour"),
    ],
)
def test_a_session_ends_after_half_an_hour_without_a_click(door, clock, idle, recognised):
    secret = enter(door)
    clock.turn(minutes=idle)
    assert (door.viewer(secret) is not None) is recognised


def test_a_session_ends_after_twelve_hours_whatever_is_clicked(door, clock):
    secret = enter(door)
    for _ in range(35):
        clock.turn(minutes=20)
        assert door.viewer(secret).login == "admin"
    clock.turn(minutes=20)
    assert door.viewer(secret) is None


def test_an_ended_session_does_not_come_back(door, clock, accounts):
    secret = enter(door)
    clock.turn(minutes=30)
    door.viewer(secret)
    assert accounts.sessions == {}


def test_leaving_ends_the_session(door):
    secret = enter(door)
    door.leave(door.viewer(secret))
    assert door.viewer(secret) is None


def test_an_account_that_is_gone_has_no_session(door, accounts):
    secret = enter(door)
    del accounts.accounts["admin"]
    assert door.viewer(secret) is None


def test_after_five_wrong_passwords_the_right_one_does_not_help(door):
    for _ in range(TRIES):
        with pytest.raises(WrongPassword):
            enter(door, "wrong")
    with pytest.raises(TooManyTries):
        enter(door)


def test_the_door_opens_again_after_a_quarter_of_an_hour(door, clock):
    for _ in range(TRIES):
        with pytest.raises(WrongPassword):
            enter(door, "wrong")
    clock.turn(minutes=15, seconds=1)
    assert door.viewer(enter(door)).login == "admin"


def test_one_address_cannot_try_many_names(door):
    for n in range(25):
        with pytest.raises(WrongPassword):
            enter(door, "wrong", login=f"name{n}")
    with pytest.raises(TooManyTries):
        enter(door)


def test_coming_and_going_is_written_down(door, accounts):
    door.leave(door.viewer(enter(door)))
    with pytest.raises(WrongPassword):
        enter(door, "wrong")
    assert [action for _who, action, _what, _at in accounts.log] == [
        "login",
        "logout",
        "login.refused",
    ]


def test_a_session_closed_elsewhere_is_known_for_a_second_at_most(door, accounts, clock):
    secret = enter(door)
    viewer = door.viewer(secret)
    accounts.close_session(viewer.session)
    clock.turn(seconds=0.9)
    assert door.remembered(secret) == viewer
    clock.turn(seconds=0.1)
    assert door.remembered(secret) is None
    assert door.viewer(secret) is None


def test_whoever_leaves_is_not_remembered(door):
    secret = enter(door)
    door.leave(door.viewer(secret))
    assert door.remembered(secret) is None
