"""Accounts, sessions and wrong tries: each belongs to one login or address."""

from dataclasses import replace
from datetime import timedelta

from tests.vault.rows import AT
from tuttuno.vault import accounts
from tuttuno.vault.accounts import Account, Session

ANNA = Account("anna", "$argon2id$one", "admin", AT)
BEA = Account("bea", "$argon2id$two", "shop", AT)
SESSION = Session("a" * 64, "anna", "token", AT, AT)
LATER = AT + timedelta(minutes=30)


def test_an_account_is_found_by_its_login(vault):
    with vault.begin() as con:
        accounts.put_account(con, BEA)
        accounts.put_account(con, ANNA)
        assert accounts.account(con, "bea") == BEA
        assert accounts.account(con, "nobody") is None
        assert accounts.accounts(con) == [ANNA, BEA]


def test_a_new_password_and_role_leave_the_day_of_birth(vault):
    with vault.begin() as con:
        accounts.put_account(con, ANNA)
        accounts.put_account(con, Account("anna", "$argon2id$new", "shop", LATER))
        assert accounts.account(con, "anna") == Account("anna", "$argon2id$new", "shop", AT)


def test_a_session_lives_until_it_is_closed(vault):
    with vault.begin() as con:
        accounts.put_account(con, ANNA)
        accounts.open_session(con, SESSION)
        accounts.touch_session(con, SESSION.id_hash, LATER)
        assert accounts.session(con, SESSION.id_hash) == replace(SESSION, seen_at=LATER)
        assert accounts.session(con, "b" * 64) is None
        accounts.close_session(con, SESSION.id_hash)
        accounts.close_session(con, SESSION.id_hash)
        assert accounts.session(con, SESSION.id_hash) is None


def test_sessions_are_closed_by_login_and_by_age(vault):
    ids = [letter * 64 for letter in "abcd"]
    with vault.begin() as con:
        accounts.put_account(con, ANNA)
        accounts.put_account(con, BEA)
        for name, login, seen in zip(
            ids, ["anna", "anna", "bea", "bea"], [AT, AT, AT, LATER], strict=True
        ):
            accounts.open_session(con, Session(name, login, "token", AT, seen))
        assert accounts.close_sessions_of(con, "anna") == 2
        assert accounts.forget_sessions(con, LATER) == 1
        assert [accounts.session(con, name) is None for name in ids] == [True, True, True, False]


def test_an_account_goes_with_its_sessions(vault):
    with vault.begin() as con:
        accounts.put_account(con, ANNA)
        accounts.open_session(con, SESSION)
        assert accounts.drop_account(con, "anna")
        assert not accounts.drop_account(con, "anna")
        assert accounts.session(con, SESSION.id_hash) is None


def test_wrong_tries_are_counted_by_key_and_time(vault):
    with vault.begin() as con:
        for minute in range(5):
            accounts.record_failure(con, "account|anna", AT + minute * timedelta(minutes=1))
        accounts.record_failure(con, "address|192.0.2.1", AT)
        assert accounts.count_failures(con, "account|anna", AT) == 5
        assert accounts.count_failures(con, "account|anna", AT + timedelta(minutes=3)) == 2
        accounts.forget_failures(con, "account|anna")
        assert accounts.count_failures(con, "account|anna", AT) == 0
        assert accounts.count_failures(con, "address|192.0.2.1", AT) == 1
