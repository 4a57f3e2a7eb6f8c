"""The sentence at the top of a page says what the numbers under it say."""

from dataclasses import replace

import pytest
from web_fakes import BY_PROVINCE, CHANNEL_CLASS, SHARE_BY_PROVINCE, answer, col

from tuttuno.measures.answer import ParameterUsed
from tuttuno.web.findings import finding
from tuttuno.web.locale import speeches
from tuttuno.web.notes import noted

EN, IT = speeches()["en"], speeches()["it"]

GROWTH = answer(
    "growth", "Growth by channel",
    [col("channel"), col("revenue", "money"), col("revenue_year", "money"),
     col("revenue_growth_year", "share"), col("revenue_growth_before", "share")],
    [("all", 120.0, 100.0, 0.2, None), ("store", 45.0, 50.0, -0.1, None),
     ("web", 50.0, 40.0, 0.25, None), ("app", 25.0, 10.0, 1.5, None)],
)  # fmt: skip


def test_growth_is_told_for_all_for_online_together_and_for_the_store():
    said = finding(GROWTH, EN)
    assert said.title == "Revenue +20% on the year before: online +50%, store \u221210%."
    assert (said.value, said.of) == ("+20%", "to €120, from €100")


def test_a_store_that_promises_nothing_is_not_said_to_keep_nothing():
    stores = answer(
        "click_and_collect", "Click & collect",
        [col("store"), col("orders", "count"), col("promise_kept", "share")],
        [("S1", 100, 0.9), ("S2", 100, None), ("S3", 300, 0.5)],
        by=("store",),
    )  # fmt: skip
    said = finding(stores, EN)
    assert said.title == "Ready when promised: from 50% (S3) to 90% (S1)."
    assert said.value == "60%"


def test_growth_that_nobody_knows_is_not_made_up():
    columns = [c.name for c in GROWTH.columns]
    rows = [dict(zip(columns, ("all", 120.0, None, None, None), strict=True))]
    said = finding(replace(GROWTH, rows=tuple(rows)), EN)
    assert said.title == "Sales do not reach back far enough to say how they grew."


def test_moves_name_the_step_that_the_parameter_sets():
    moves = answer(
        "channel_migration", "Moves", [col("from"), col("to"), col("persons", "count")],
        [("store_only", "store_only", 80), ("store_only", "both", 20),
         ("online_only", "online_only", 9), ("online_only", "store_only", 1)],
        parameters=(replace(CHANNEL_CLASS.parameters[0], value=3.0),),
    )  # fmt: skip
    assert finding(moves, EN).title == (
        "From one quarter to the next, a fifth of the store-only buyers begin to buy online and "
        "a tenth of the online-only buyers begin to buy in store."
    )


GENERATIONS = answer(
    "generations", "Generations",
    [col("split"), col("part"), col("class"), col("persons", "count"),
     col("persons_share", "share"), col("low", "share"), col("high", "share")],
    [("generation", "gen_x", "both", 60, 0.6, 0.5, 0.7),
     ("generation", "gen_x", "store_only", 40, 0.4, 0.3, 0.5),
     ("generation", "gen_z", "both", 55, 0.55, 0.45, 0.65),
     ("generation", "gen_z", "store_only", 45, 0.45, 0.35, 0.55)],
)  # fmt: skip


def reach(low, high):
    columns = [col("buyer"), col("step"), col("persons", "count"), col("rate", "share"),
               col("low", "share"), col("high", "share")]  # fmt: skip
    rows = [("online_only", "identified", 100, 1.0, 1.0, 1.0),
            ("online_only", "reachable", 81, 0.81, 0.8, 0.82),
            ("store_only", "identified", 50, 0.5, 0.4, 1.0),
            ("store_only", "reachable", 31, 0.31, low, high)]  # fmt: skip
    return finding(answer("reachability", "Reachability", columns, rows), EN)


def test_reach_is_told_as_one_figure_only_where_it_is_known_well():
    said = reach(0.3, 0.35)
    assert said.title == (
        "Of the online buyers 81% can be contacted again; of the store buyers 31%."
    )
    assert said.of == "of 150 known buyers"
    assert reach(0.11, 0.59).value == "22 to 70 points apart"
    assert reach(0.11, 0.59).title == (
        "Of the online buyers 81% can be contacted again; of the store buyers between 11% and 59%."
    )


def test_buyers_of_one_kind_alone_are_told_by_themselves():
    columns = [col("buyer"), col("step"), col("persons", "count"), col("rate", "share"),
               col("low", "share"), col("high", "share")]  # fmt: skip
    rows = [("online_only", "identified", 0, None, None, None),
            ("online_only", "reachable", 0, None, None, None),
            ("store_only", "identified", 50, 1.0, 1.0, 1.0),
            ("store_only", "reachable", 20, 0.4, 0.38, 0.42)]  # fmt: skip
    said = finding(answer("reachability", "Reachability", columns, rows), EN)
    assert said.title == "Of the store buyers 40% can be contacted again."
    assert (said.value, said.of) == ("40%", "of 50 known buyers")


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("store_only", ("From one step to the next, 20% of the store-only buyers begin to buy "
         "online; nobody was an online-only buyer.")),
        ("online_only", ("From one step to the next, 20% of the online-only buyers begin to buy "
         "in store; nobody was a store-only buyer.")),
    ],
)  # fmt: skip
def test_a_retailer_with_one_channel_is_told_what_crosses_from_it(kind, title):
    columns = [col("from"), col("to"), col("persons", "count")]
    rows = [("none", kind, 5), (kind, kind, 80), (kind, "both", 20)]
    said = finding(answer("channel_migration", "Moves", columns, rows), EN)
    assert (said.title, said.value) == (title, "20%")


def test_nothing_in_both_channels_is_said_as_such():
    columns = [col("level"), col("in_both", "count"), col("ratio_to_chance", "number"),
               col("low", "number"), col("high", "number")]  # fmt: skip
    rows = [("product", 0, None, None, None), ("category", 0, None, None, None)]
    said = finding(answer("product_overlap", "Overlap", columns, rows), EN)
    assert said.title == "Nothing was bought in both channels."


def test_generations_that_cannot_be_compared_say_why():
    unknown = replace(GENERATIONS, rows=({**GENERATIONS.rows[1], "part": None},))
    alone = replace(GENERATIONS, rows=GENERATIONS.rows[:2])
    assert finding(unknown, EN).title == "Of none of the buyers is the year of birth known."
    assert finding(alone, EN).title == "No two generations are large enough to be compared."


def test_who_has_probably_left_is_told_of_everybody_who_ever_bought():
    columns = [col("class"), col("risk"), col("persons", "count"), col("alive", "share"),
               col("left", "number")]  # fmt: skip
    said = finding(
        answer("churn_risk", "Still active", columns, [("all", "all", 50, 0.6, 20.0)]), EN
    )
    assert said.title == "About 40% of those who ever bought have probably left for good."
    assert (said.value, said.of) == ("about 20 people", "of 50 known buyers")


@pytest.mark.parametrize(
    ("active", "ratio", "title"),
    [
        (
            40,
            1.5,
            (
                "40% of the buyers are active on social media; they spend 1.50 times what the "
                "others spend, mostly for other reasons."
            ),
        ),
        (
            4,
            1.5,
            (
                "Only 4 people among the known buyers were seen to be active on social media: too "
                "few to compare."
            ),
        ),
        (0, None, "No known buyer was seen to be active on social media."),
    ],
)
def test_the_socially_active_are_told_with_the_warning(active, ratio, title):
    columns = [col("level"), col("persons", "count"), col("persons_share", "share"),
               col("spend_ratio", "number")]  # fmt: skip
    rows = [("all", 100, 1.0, None), ("active", active, active / 100, ratio)]
    said = finding(answer("social_activity", "Social activity", columns, rows), EN)
    assert said.title == title


def test_generations_whose_intervals_overlap_hardly_differ():
    said = finding(GENERATIONS, EN)
    assert said.title == "The generations hardly differ: between 55% and 60% use both channels."
    assert (said.value, said.of) == ("57.5%", "of 200 buyers with a known year of birth")


def test_generations_that_differ_are_named():
    apart = [{**row, "low": row["persons_share"], "high": row["persons_share"]}
             for row in GENERATIONS.rows]  # fmt: skip
    said = finding(replace(GENERATIONS, rows=tuple(apart)), EN)
    assert "use both channels most (60%)" in said.title


def test_a_split_answer_tells_the_ends_and_leaves_out_what_is_unknown():
    said = finding(SHARE_BY_PROVINCE, EN)
    assert said.title == "Sales with a known buyer: from 50% (MI) to 50% (MI)."
    assert finding(BY_PROVINCE, EN).value == "33.7%"


NOTES = (
    "Sales are known from 2023-01-01 on: earlier buyers seem new.",
    (
        "4 steps from 2025-01-01 to 2026-01-01; a person counts once for each move between two "
        "of them. Sales are known from 2025-06-01 on: earlier buyers seem new."
    ),
    "The year of birth is known of 80.8% of the buyers.",
    (
        "60 orders are less than 14 days old and still on their way; the latest periods will "
        "still change."
    ),
)


@pytest.mark.parametrize("note", NOTES)
def test_a_note_is_said_in_italian_with_its_facts(note):
    said = noted(note, IT)
    assert said != note
    assert " the " not in said


def test_a_day_in_a_note_is_written_as_the_reader_writes_days():
    assert noted(NOTES[0], EN).startswith("Sales are known from 1 Jan 2023 on")
    assert noted(NOTES[2], EN) == NOTES[2]


def test_days_and_shares_in_a_note_are_written_as_italians_do():
    assert "il 80,8 %" in noted(NOTES[2], IT).replace("\u00a0", " ")
    assert "1 gen 2023" in noted(NOTES[0], IT)


def test_numbers_in_a_note_are_written_as_the_reader_writes_them():
    note = (
        "14,029 sales without a known buyer are of 0 to 14,029 further people who buy in stores; "
        "capture and recapture puts them at 3,871 (3,702 to 4,050)."
    )
    assert noted(note, EN) == note
    assert noted(note, IT).count("14.029") == 2
    assert "3.871" in noted(note, IT)
    model = "MBG/NBD in weeks r = 0.525, alpha = 6.183, a = 0.00204, b = 1.614."
    assert "0,525" in noted(model, IT)
    assert "0,00204" in noted(model, IT)


def test_a_note_that_nobody_knows_is_shown_as_it_came():
    assert noted("A brand-new sentence.", IT) == "A brand-new sentence."


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (0.2, "Of the buyers who bought something new to them, 30% found it on a list of their"),
        (0.1, "Lists of what is new to each buyer foresee no more than the best-sellers do: 30%"),
    ],
)
def test_lists_are_told_beside_the_best_sellers(low, said):
    tried = answer(
        "next_product", "Next product",
        [col("list"), col("given"), col("tried", "count"), col("hit_rate", "share"),
         col("low", "share"), col("popular_rate", "share")],
        [("repeat", "all", None, None, None, None), ("novel", "all", 60, 0.3, low, 0.16)],
    )  # fmt: skip
    found = finding(tried, EN)
    assert found.title.startswith(said)
    assert (found.value, found.of) == ("30%", "of 60 buyers tried")


@pytest.mark.parametrize(
    ("names", "row"),
    [(("given_name", "also_name"), ("Loaf", "Butter")), ((), ())],
    ids=["named", "kept-by-an-older-release"],
)
def test_what_is_bought_together_is_told_by_name_where_it_has_one(names, row):
    columns = [col("given"), col("also"), col("lift", "number"), *map(col, names)]
    rules = answer("basket_affinity", "Bought together", columns, [("P1", "P2", 7.1, *row)])
    given, also = row or ("P1", "P2")
    expected = f"{given} and {also} are bought together 7.1 times as often as by chance."
    assert finding(rules, EN).title == expected


def test_crossing_is_told_for_a_year_or_for_as_long_as_was_watched():
    columns = [col("began"), col("from"), col("age", "count"), col("persons", "count"),
               col("crossed_share", "share"), col("lapsed_share", "share")]  # fmt: skip
    months = [("all", "store", age, 500 - age, age / 100, age / 50) for age in range(20)]
    silence = (ParameterUsed("first_crossing.lapse_months", 6.0, "month", "", "", None),)
    year = answer(
        "first_crossing", "Until the other channel", columns, months, parameters=silence
    )  # fmt: skip
    found = finding(year, EN)
    assert found.title == (
        "Within 12 months of a first purchase in a store, 12% of the buyers buy online too; "
        "a quarter buy nothing for 6 months before that."
    )
    assert (found.value, found.of) == ("12%", "of 500 buyers who began in a store")
    short = answer("first_crossing", "Until the other channel", columns, months[:3])
    assert finding(short, EN).title.startswith("Within 2 months of")


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (1.1, "The last 2 quarters brought 10% more purchase days than foreseen."),
        (0.8, "The last 2 quarters brought 20% fewer purchase days than foreseen."),
        (1.001, "The last 2 quarters brought what was foreseen."),
    ],
)
def test_quarters_are_told_beside_what_was_foreseen(came, said):
    columns = [col("origin"), col("bought"), col("persons", "count"), col("expected", "number"),
               col("actual", "number")]  # fmt: skip
    rows = [("2025-01-01", "all", 100, 1.0, came), ("2025-04-01", "all", 100, 1.0, came),
            ("2025-04-01", "1", 50, 9.0, 0.0)]  # fmt: skip
    found = finding(answer("purchases_foreseen", "Foreseen and seen", columns, rows), EN)
    assert (found.title, found.of) == (said, "foreseen were 200")


def test_the_quoted_worth_is_never_said_alone():
    columns = [col("comparison"), col("times", "number"), col("low", "number"),
               col("high", "number")]  # fmt: skip
    rows = [("as_seen", 3.0, 2.9, 3.1), ("later", 2.0, 1.9, 2.1),
            ("like_with_like", 1.14, 1.1, 1.2)]  # fmt: skip
    found = finding(answer("multichannel_worth", "Worth", columns, rows), EN)
    assert found.title == (
        "Buyers in both channels spend 3.0 times as much as the others; beside others who bought "
        "as often and as much before, 1.14 times."
    )
    assert found.value == "1.14 times"
    rows[2] = ("like_with_like", None, None, None)
    found = finding(answer("multichannel_worth", "Worth", columns, rows), EN)
    assert "cannot be told" in found.title
    assert "3" not in found.title


def test_what_came_of_what_was_looked_at_is_told_with_its_doubt_and_coverage():
    columns = [col("signal"), *(col(name, "share") for name in (
        "bought_share", "low", "high", "online_share", "store_share", "known_share")),
        col("settled", "count")]  # fmt: skip
    rows = [("any", 0.4, 0.35, 0.45, 0.3, 0.1, 0.62, 500)]
    days = ParameterUsed("interests.days", 30.0, "day", "", "", None)
    asked = replace(answer("interests", "Looked at", columns, rows), parameters=(days,))
    said = finding(asked, EN)
    assert said.title == (
        "Of what known people looked at, put in a cart or wished for, 40% was bought within 30 "
        "days: 30% online, 10% in store."
    )
    assert "500 interests, one person and one thing each; between 35% and 45%; 62% of" in said.of
