"""Each measure has its picture, and the picture has the measure's numbers."""

from datetime import date

import pytest

from tuttuno.chart.draw import NothingToDraw, draw
from tuttuno.chart.picture import Bars, Dots, Flow, Grid, Lines, Stacks
from tuttuno.chart.pictures import further_pictures, picture
from tuttuno.chart.svg import svg
from tuttuno.chart.voice import PlainVoice
from tuttuno.measures.answer import Answer, AnswerColumn, Coverage, Window

VOICE = PlainVoice()
KINDS = {"share": float, "money": float, "count": int, "number": float}


def answer(measure, table, *, by=()):
    """Read an answer from a table: `name:kind` in the first line, `-` for the unknown."""
    head, *lines = [line.split() for line in table.strip().splitlines()]
    columns = tuple(AnswerColumn(name, name, "", kind or "text") for name, _, kind in
                    (cell.partition(":") for cell in head))  # fmt: skip
    rows = tuple(
        {c.name: None if cell == "-" else KINDS.get(c.kind, str)(cell)
         for c, cell in zip(columns, line, strict=True)}
        for line in lines
    )  # fmt: skip
    window = Window(date(2025, 4, 1), date(2026, 4, 1))
    return Answer(measure, measure, "1", window, Coverage(0.6, 0.7), by, columns, rows, (), "")


CLASSES = """
    class        band         persons:count revenue:money orders:count
    store_only   store_only   50            100           60
    online_only  online_only  20            100           30
    both         balanced     20            500           90
    both         store_led    10            300           20
"""


def test_classes_are_drawn_to_a_hundred_for_buyers_and_for_revenue():
    found = picture(answer("channel_class", CLASSES), VOICE)
    assert isinstance(found, Stacks)
    buyers, revenue, _orders = found.stacks
    assert [part.text for part in buyers.parts] == ["20%", "30%", "50%"]
    assert [part.text for part in revenue.parts] == ["10%", "80%", "10%"]
    assert buyers.note == "100 buyers"


def test_classes_split_by_a_thing_are_one_stack_each_largest_first():
    table = """
        province class       persons:count
        MI       online_only 10
        RM       online_only 30
        RM       store_only  10
    """
    found = picture(answer("channel_class", table, by=("province",)), VOICE)
    assert [stack.label for stack in found.stacks] == ["RM", "MI"]


def test_classes_split_by_time_keep_the_order_of_time():
    table = """
        month   class       persons:count
        2025-01 online_only 10
        2025-02 online_only 30
    """
    found = picture(answer("channel_class", table, by=("month",)), VOICE)
    assert [stack.label for stack in found.stacks] == ["2025-01", "2025-02"]


def test_what_is_not_known_is_drawn_beside_what_is():
    table = """
        identified_sales:share identified_revenue:share sales:count revenue:money
        0.62                   0.7                      100         1000
    """
    found = picture(answer("coverage", table), VOICE)
    assert [part.text for part in found.stacks[0].parts] == ["62%", "38%"]


def test_coverage_over_time_is_a_line_that_starts_at_zero():
    table = """
        month   identified_sales:share identified_revenue:share sales:count
        2025-01 0.5                    0.6                      10
        2025-02 -                      -                        0
    """
    found = picture(answer("coverage", table, by=("month",)), VOICE)
    assert isinstance(found, Lines)
    assert found.ticks[0].value == 0
    assert [mark.value for mark in found.lines[0].marks] == [0.5, None]


def test_coverage_of_stores_is_a_bar_each():
    table = """
        store identified_sales:share identified_revenue:share sales:count revenue:money
        S1    0.5                    0.6                      10          900
    """
    found = picture(answer("coverage", table, by=("store",)), VOICE)
    assert isinstance(found, Bars)
    assert found.top == 1.0


def test_overlap_is_drawn_around_chance_with_its_interval():
    table = """
        level   ratio_to_chance:number low:number high:number
        product 1.8                    1.7        1.9
    """
    found = picture(answer("product_overlap", table), VOICE)
    assert isinstance(found, Dots)
    assert found.reference == 1.0
    assert (found.marks[0].low, found.marks[0].high) == (1.7, 1.9)


REACH = """
    buyer       step      persons:count rate:share low:share high:share
    online_only bought    100           1.0        1.0       1.0
    online_only reachable 81            0.81       0.8       0.82
    both        bought    0             -          -         -
    both        reachable 0             -          -         -
    store_only  bought    100           1.0        1.0       1.0
    store_only  reachable 31            0.31       0.3       0.32
"""


def test_reach_compares_the_ends_and_then_shows_how_each_buyer_falls():
    found = picture(answer("reachability", REACH), VOICE)
    assert [group.label for group in found.groups] == ["Reachable", "Only online", "Only in store"]
    assert [mark.text for mark in found.groups[0].marks] == ["81%", "31%"]
    assert [(mark.value, mark.fell) for mark in found.groups[2].marks] == [(1.0, None), (0.31, 1.0)]
    brief = picture(answer("reachability", REACH), VOICE, brief=True)
    assert [group.label for group in brief.groups] == ["Reachable"]


def test_a_share_that_rests_on_people_nobody_has_seen_is_a_ceiling():
    wide = REACH.replace("0.31       0.3       0.32", "0.46       0.1       0.6 ")
    found = picture(answer("reachability", wide), VOICE)
    assert [mark.text for mark in found.groups[0].marks] == ["81%", "at most 46%"]


CHURN = """
    class risk      persons:count persons_share:share alive:share left:number back_expected:share back_actual:share low:share high:share
    all   all       100           1.0                 0.6         40.0        0.3                 0.25              0.2       0.3
    all   safe      50            0.5                 0.9         5.0         0.5                 0.45              0.4       0.5
    all   wavering  20            0.2                 0.6         8.0         -                   -                 -         -
    all   slipping  10            0.1                 0.3         7.0         0.1                 0.1               0.0       0.2
    all   gone      20            0.2                 0.0         20.0        0.0                 0.0               0.0       0.1
"""  # noqa: E501 - a table is read by its columns


def test_churn_shows_the_risks_and_how_the_model_fared():
    found = picture(answer("churn_risk", CHURN), VOICE)
    assert [part.text for part in found.stacks[0].parts] == ["50%", "20%", "10%", "20%"]
    assert found.stacks[0].note == "60% still customers"
    (tried,) = further_pictures(answer("churn_risk", CHURN), VOICE)
    assert [group.label for group in tried.groups] == ["Safe", "Slipping away", "Probably gone"]
    assert [mark.value for mark in tried.groups[0].marks] == [0.5, 0.45]


def test_rules_are_dots_around_chance_by_the_names_of_things():
    table = """
        level    given      given_name also     also_name baskets:count confidence:share lift:number
        category Food>Bread Bread      Food>Fat Fat       30            0.6              2.06
        product  P1         Loaf       P2       Butter    30            0.6              2.06
    """.replace(">", "_")
    found = picture(answer("basket_affinity", table), VOICE)
    assert isinstance(found, Dots)
    assert found.reference == 1.0
    assert [(mark.label, mark.text) for mark in found.marks] == [("Bread → Fat", "2.1×")]


def test_the_market_stands_beside_what_grew():
    table = """
        channel revenue:money revenue_growth_year:share market_growth_year:share
        all     50            0.25                      0.10
        web     50            0.50                      -
    """
    found = picture(answer("growth", table), VOICE)
    assert [(mark.label, mark.value) for mark in found.marks] == [
        ("All channels", 0.25), ("the market", 0.1), ("Web", 0.5),
    ]  # fmt: skip


def test_levels_of_social_activity_that_somebody_has_are_bars():
    table = """
        level   persons:count persons_share:share revenue_per_person:money
        all     4             1.0                 30
        active  1             0.25                60
        inactive 3            0.75                20
        once    0             0.0                 -
        several 0             0.0                 -
        often   1             0.25                60
    """
    found = picture(answer("social_activity", table), VOICE)
    assert [(mark.label, mark.value) for mark in found.groups[0].marks] == [
        ("Not active · 75.0% of the buyers", 20), ("Five times and more · 25.0% of the buyers", 60)
    ]  # fmt: skip


def test_channels_are_stacked_online_first():
    table = """
        split   part  revenue:money revenue_share:share orders:count orders_share:share
        side    store 60            0.6                 8            0.8
        channel store 60            0.6                 8            0.8
        channel web   40            0.4                 2            0.2
    """
    found = picture(answer("channel_share", table), VOICE)
    assert [part.label for part in found.stacks[0].parts] == ["Web", "Store"]


MOVES = """
    from        to          persons:count probability:share ratio:number
    store_only  store_only  60            0.6               1.5
    store_only  lapsed      40            0.4               0.8
    lapsed      lapsed      900           0.9               1.1
    lapsed      store_only  100           0.1               0.5
"""


def test_moves_are_a_flow_that_leaves_out_who_stayed_away():
    found = picture(answer("channel_migration", MOVES), VOICE)
    assert isinstance(found, Flow)
    assert sum(link.value for link in found.links) == 200
    assert [node.label for node in found.before] == ["Only in store", "Came back"]
    assert [node.label for node in found.after] == ["Only in store", "Not buying"]
    assert found.before[0].text == "100 · 50%"


COHORTS = """
    cohort  age:count persons:count active:count retention:share low:share high:share
    2026-01 0         50            50           1.0             0.9       1.0
    2026-01 1         50            10           0.2             0.1       0.3
    2026-01 2         50            5            0.1             0.0       0.2
    2026-02 0         40            40           1.0             0.9       1.0
    2026-02 1         40            0            0.0             0.0       0.1
"""


def test_cohorts_are_a_grid_without_the_month_in_which_everybody_came():
    found = picture(answer("cohorts", COHORTS), VOICE)
    assert isinstance(found, Grid)
    assert found.columns == ("1", "2")
    first, second = found.rows
    assert first.label == "2026-01 · 50"
    assert [(mark.value, mark.text) for mark in first.marks] == [(0.2, "20"), (0.1, "10")]
    assert [mark.value for mark in second.marks] == [0.0, None]


GROWTH = """
    channel revenue:money revenue_year:money revenue_growth_year:share revenue_growth_before:share
    all     150           100                0.5                       -
    store   45            50                 -0.1                      -
    web     105           50                 1.1                       -
    phone   5             -                  -                         -
"""


def test_growth_is_set_against_the_year_before_and_leaves_out_the_unknown():
    found = picture(answer("growth", GROWTH), VOICE, way=lambda words: f"?{words['channel']}")
    assert isinstance(found, Dots)
    assert found.reference == 0.0
    assert [mark.value for mark in found.marks] == [0.5, -0.1, 1.1]
    assert [mark.href for mark in found.marks] == ["", "?store", "?web"]
    assert found.marks[1].text == "\u221210.0% · EUR 45"


RETURNS = """
    bought_in returned_in sold:money returned:money rate:share days_median:number
    web       web         200        10             0.05       9
    web       store       200        30             0.15       12
    store     store       1000       10             0.01       7
"""


def test_returns_are_of_what_the_channel_sold_and_then_where_they_are_brought():
    found = picture(answer("returns", RETURNS), VOICE)
    assert [(mark.label, mark.value) for mark in found.groups[0].marks] == [
        ("Web", 0.2), ("Store", 0.01),
    ]  # fmt: skip
    (where,) = further_pictures(answer("returns", RETURNS), VOICE)
    assert [stack.label for stack in where.stacks] == ["Bought in: Store", "Bought in: Web"]
    assert [part.text for part in where.stacks[1].parts] == ["25%", "75%"]


GENERATIONS = """
    split      part  class       persons:count
    generation gen_x online_only 10
    generation gen_x both        30
    generation -     store_only  5
    age_band   35-44 both        30
"""


def test_generations_and_ages_are_stacks_of_classes_each():
    found = picture(answer("generations", GENERATIONS), VOICE)
    assert [stack.label for stack in found.stacks] == [
        "Generation X, 1965–80", "Year of birth not known",
    ]  # fmt: skip
    assert [part.value for part in found.stacks[0].parts] == [10, 30, 0]
    (ages,) = further_pictures(answer("generations", GENERATIONS), VOICE)
    assert [stack.label for stack in ages.stacks] == ["35-44"]


RFM = """
    scope  segment   persons:count persons_share:share revenue_share:share recency:number
    all    champions 20            0.2                 0.5                 9
    all    asleep    80            0.8                 0.5                 200
    online champions 7             1.0                 1.0                 9
"""


def test_segments_of_the_whole_customer_are_compared_by_people_and_revenue():
    table = RFM.replace("recency:number", "recency:number frequency:number monetary:money")
    lines = [line if "scope" in line or not line.strip() else f"{line} 1 1"
             for line in table.splitlines()]  # fmt: skip
    found = picture(answer("rfm", "\n".join(lines)), VOICE)
    people, revenue = found.groups
    assert [mark.value for mark in people.marks] == [0.2, 0.8]
    assert [mark.value for mark in revenue.marks] == [0.5, 0.5]
    assert found.top == 0.8


COLLECT = """
    store promise_kept:share promise_low:share promise_high:share orders:count
    S1    0.9                0.8               0.95               300
    S2    0.5                0.4               0.6                100
    S3    -                  -                 -                  0
"""


def test_stores_are_set_against_the_mean_of_kept_promises():
    found = picture(answer("click_and_collect", COLLECT, by=("store",)), VOICE)
    assert isinstance(found, Dots)
    assert found.reference == pytest.approx(0.8)
    assert [mark.label for mark in found.marks] == ["S1", "S2"]


def test_any_other_measure_shows_its_first_figure():
    found = picture(answer("next_thing", "segment persons:count\nA 5\nB 3"), VOICE)
    assert [(mark.label, mark.value) for mark in found.groups[0].marks] == [("A", 5), ("B", 3)]


def test_an_answer_can_be_drawn_into_a_file():
    assert draw(answer("channel_class", CLASSES)).startswith("<svg xmlns=")


def test_an_answer_without_rows_cannot_be_drawn():
    with pytest.raises(NothingToDraw, match="the answer to rfm holds nothing to draw"):
        draw(answer("rfm", "segment persons:count"))


def months(*counts):
    head = "month orders:count online_orders:count"
    lines = [f"2025-{at:02} {orders} 1000" for at, orders in enumerate(counts, 1)]
    return "\n".join([head, *lines])


def further(splits):
    whole = answer("click_and_collect", "orders:count\n100")
    return further_pictures(whole, VOICE, splits=splits)


def test_a_month_out_of_control_is_named_and_ringed():
    jump = answer("click_and_collect", months(*[100] * 11, 160), by=("month",))
    (found,) = further({"month": jump})
    assert found.title.endswith("out of control in 2025-12")
    (line,) = found.lines
    assert [mark.flag for mark in line.marks[-2:]] == ["", "16%"]
    assert line.marks[-1].tip.startswith("Out of control: 16.0% of 1,000 online orders")
    assert found.limits[0].text == "mean 10%"
    assert svg(found).count('class="flag"') == 1


def test_the_way_of_an_order_is_told_store_by_store_the_largest_first():
    stores = answer("click_and_collect", STORES, by=("store",))
    (grid,) = further({"store": stores})
    assert isinstance(grid, Grid)
    assert [row.label for row in grid.rows] == ["S2 · 90", "S1 · 10"]
    assert [mark.text for mark in grid.rows[0].marks] == ["80%", "30%", "60%", "90%", "5%"]
    assert grid.rows[1].marks[1].value is None


def test_what_is_split_already_has_no_further_pictures():
    stores = answer("click_and_collect", STORES, by=("store",))
    assert further_pictures(stores, VOICE, splits={"store": stores}) == ()


STORES = """
    store orders:count promise_kept:share collected_24h:share collected_72h:share collected_168h:share cancelled:share
    S1    10           0.5                -                   0.4                 0.8                  0.1
    S2    90           0.8                0.3                 0.6                 0.9                  0.05
"""  # noqa: E501 - a table


NEXT = """
    list   given given_name next next_name persons:count share:share score:number days:number tried:count hit_rate:share low:share high:share popular_rate:share
    repeat all   -          all  -         -             -           -            -           -           -              -         -          -
    repeat salt  -          salt -         40            0.5         -            30          -           -              -         -          -
    novel  all   -          all  -         -             -           -            -           60          0.3            0.2       0.4        0.16
    novel  tea   Tea        pot  -         40            0.4         0.8          -           -           -              -         -          -
"""  # noqa: E501 - a table is read by its columns


def test_lists_for_a_person_stand_beside_the_best_sellers():
    found = picture(answer("next_product", NEXT), VOICE)
    assert [group.label for group in found.groups] == ["New to the buyer"]
    own, popular = found.groups[0].marks
    assert (own.value, own.low, own.high, popular.value) == (0.3, 0.2, 0.4, 0.16)
    (pairs,) = further_pictures(answer("next_product", NEXT), VOICE)
    labels = [(mark.label, mark.text) for group in pairs.groups for mark in group.marks]
    assert labels == [("salt", "50%, after 30 days"), ("Tea → pot", "40%")]


CROSSING = """
    began from   age:count persons:count crossed_share:share crossed_low:share crossed_high:share lapsed_share:share
    all   store  0         100           0.02                0.01              0.04               0.0
    all   store  1         90            0.05                0.03              0.08               0.0
    all   online 0         50            0.1                 -                 -                  0.0
    2025  store  0         40            0.5                 0.4               0.6                0.0
"""  # noqa: E501 - a table is read by its columns


def test_crossing_adds_up_month_by_month_with_its_doubt():
    found = picture(answer("first_crossing", CROSSING), VOICE)
    assert isinstance(found, Lines)
    store, online = found.lines
    assert [(mark.value, mark.low, mark.high) for mark in store.marks] == [
        (0.02, 0.01, 0.04),
        (0.05, 0.03, 0.08),
    ]
    assert [mark.value for mark in online.marks] == [0.1, None]


def test_how_many_have_crossed_stands_beside_the_moves():
    moves = answer("channel_migration", "from to persons:count\nboth lapsed 3")
    (found,) = further_pictures(moves, VOICE, beside=[answer("first_crossing", CROSSING)])
    assert found.title.startswith("Who has bought on the other side")


FORESEEN = """
    origin     bought persons:count expected:number actual:number low:number high:number check:number
    2025-01-01 all    100           0.9             1.0           0.8        1.2         0.95
    2025-04-01 all    120           1.1             1.0           0.9        1.1         -
    2025-04-01 1      20            0.4             0.3           0.2        0.4         -
"""  # noqa: E501 - a table is read by its columns


def test_what_was_foreseen_stands_beside_what_came():
    found = picture(answer("purchases_foreseen", FORESEEN), VOICE)
    came, expected, other = found.lines
    assert [(mark.value, mark.low, mark.high) for mark in came.marks] == [
        (1.0, 0.8, 1.2),
        (1.0, 0.9, 1.1),
    ]
    assert [mark.value for mark in expected.marks] == [0.9, 1.1]
    assert [mark.value for mark in other.marks] == [0.95, None]
    (last,) = further_pictures(answer("purchases_foreseen", FORESEEN), VOICE)
    assert [group.label for group in last.groups] == ["Purchase days before: 1"]
    assert [mark.value for mark in last.groups[0].marks] == [0.4, 0.3]


def test_how_well_it_was_foreseen_stands_beside_the_value():
    worth = answer("lifetime_value", "scope tier persons:count\nall all 3")
    (found,) = further_pictures(worth, VOICE, beside=[answer("purchases_foreseen", FORESEEN)])
    assert found.title.startswith("Purchase days of a buyer in a quarter")


def test_too_few_to_compare_are_counted_instead():
    table = """
        comparison both:count others:count times:number
        as_seen    12         30           -
    """
    found = picture(answer("multichannel_worth", table), VOICE)
    assert found.title == "Too few buyers to compare"
    assert [mark.value for mark in found.groups[0].marks] == [12, 30]


def test_the_quoted_worth_stands_beside_what_is_left_of_it():
    table = """
        comparison     net_both:money net_others:money times:number low:number high:number
        as_seen        900            300              3.0          2.9        3.1
        like_with_like 500            440              1.14         1.1        1.2
    """
    (found,) = further_pictures(
        answer("channel_class", CLASSES), VOICE, beside=[answer("multichannel_worth", table)]
    )
    head, *lines = table.strip().splitlines()
    split = "\n".join([f"province both:count {head}", *(f"MI 9 {line}" for line in lines),
                       *(f"RM 5 {line.replace('3.0', '7.0')}" for line in lines)])  # fmt: skip
    part = picture(answer("multichannel_worth", split, by=("province",)), VOICE)
    assert [mark.value for mark in part.marks] == [3.0, 1.14]
    assert isinstance(found, Dots)
    assert [(mark.label, mark.text) for mark in found.marks] == [
        ("As everybody says it", "3.00×"),
        ("Like with like", "1.14×"),
    ]


INTERESTS = """
    signal settled:count persons:count online_share:share store_share:share not_share:share
    any    40            12            0.25               0.25              0.5
    viewed 0             2             -                  -                 -
"""


def test_what_was_looked_at_is_divided_by_what_came_of_it():
    found = picture(answer("interests", INTERESTS), VOICE)
    assert isinstance(found, Stacks)
    (stack,) = found.stacks
    assert [part.value for part in stack.parts] == [10.0, 10.0, 20.0]
    assert stack.note == "of 40 whose days have passed"


def test_categories_of_which_enough_was_looked_at_show_what_was_not_bought():
    table = """
        category     signal interests:count settled:count persons:count not_share:share low:share high:share
        Donna>Abiti  any    50              40            12            0.75            0.2       0.4
        Casa         any    9               9             9             0.5             0.1       0.9
    """  # noqa: E501 - a row of a table
    found = picture(answer("interests", table, by=("category",)), VOICE)
    (mark,) = found.groups[0].marks
    assert (mark.value, mark.low, mark.high) == (0.75, 0.6, 0.8)
