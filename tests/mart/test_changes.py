"""A mart brought up to date equals one made from the start, whatever happened in between."""

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.mart.test_build import contents
from tests.measures.scenario import FILLED, Shop, closed, table_of
from tuttuno.lake.store import Lake
from tuttuno.mart.build import build_mart
from tuttuno.mart.changes import Changes
from tuttuno.schema.lake import SALE_LINE
from tuttuno.schema.mart import PERSON_OF_RECORD

NAMES = ("anna", "bruno", "carla", "-")
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")

sales = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(MONTHS),
    st.sampled_from(("web", "store")),
    st.integers(0, 9),
    st.one_of(st.none(), st.integers(0, 9)),
)
#: Receipts with a number that 4 divides are Anna's; with one less, nobody's.
HERS, NOBODYS = ("-", "", "web", 0, None), ("-", "", "web", 3, None)
GIVEN_BACK = ("-", "2026-04", "store", 5, 0)
#: One receipt of two lines, of which one names the buyer, and takes back what nobody sold.
PARTLY_NAMED = (("carla", "2026-02", "web", 1, 9), ("-", "2026-02", "web", 1, 9))

#: New lines, a line that is gone, records that come to another person or to nobody.
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("sell"), st.lists(sales, min_size=1, max_size=4)),
        st.tuples(st.just("lose"), st.integers(0, 9)),
        st.tuples(st.just("move"), st.dictionaries(st.sampled_from(NAMES[:3]), st.integers(0, 3))),
    ),
    min_size=1,
    max_size=4,
)


def line(sale):
    who, month, channel, receipt, back = sale
    name = f"{receipt}-{channel}" if back is None else f"r{receipt}"
    tail = "" if back is None else f"returns={back}-web source=till"
    net = "5.00" if back is None else "-5.00"
    # A receipt is one customer's on one day: only then can its lines come in any order.
    who = NAMES[receipt % 4] if back is None else who
    month = MONTHS[receipt % 3] if back is None else month
    day = f"{month}-0{1 + receipt % 9}"
    return f"{who} {day} {channel} - {net} sale={name} {tail}"


def rows_of(sales, start):
    text = "\n".join(line(sale) for sale in sales)
    rows = Shop(text).lake()[SALE_LINE.name].to_pylist()
    return table_of(SALE_LINE, [{**row, "line_no": start + n} for n, row in enumerate(rows)])


class Story:
    """A lake in which things happen, and who is who in it."""

    def __init__(self, folder, engine):
        self.lake, self.engine = Lake(folder), engine
        self.people = {name: place for place, name in enumerate(NAMES[:3], 1)}
        self.lines, self.months, self.moved = 0, set(), set()
        for table in FILLED:
            empty = engine.bind("no_rows", table_of(table, []))
            self.lake.append(table, empty, engine=engine)

    def sell(self, sold):
        rows = rows_of(sold, self.lines)
        self.lines += len(sold)
        self.lake.append(SALE_LINE, self.engine.bind("more", rows), engine=self.engine)
        self.months |= set(rows["month"].to_pylist())

    def lose(self, number):
        held = self.engine.run(self.lake.bind(self.engine, SALE_LINE)).to_pylist()
        self.months |= {row["month"] for row in held if row["line_no"] == number}
        self.lake.delete(SALE_LINE, "line_no", pa.array([number]), engine=self.engine)

    def move(self, to):
        self.people |= to
        self.moved |= set(to)

    def build(self, lake, changes=None):
        who = [{"record_key": n, "person_id": p} for n, p in self.people.items() if p]
        belongs = table_of(PERSON_OF_RECORD, who)
        told = {PERSON_OF_RECORD.name: belongs}
        build_mart(engine=self.engine, lake=lake, told=told.get, changes=changes)

    def caught_up(self):
        moved = pa.array(sorted(self.moved), pa.string())
        self.build(self.lake, Changes(frozenset(self.months), moved))
        self.months, self.moved = set(), set()
        return contents(self.lake, self.engine)

    def from_the_start(self):
        self.build(self.lake)
        return contents(self.lake, self.engine)


def ends_as_from_the_start(story, first, then):
    """Let things happen; after each round the mart brought up to date is the one made anew."""
    story.sell(first)
    story.build(story.lake)
    story.months = set()
    for round_ in then:
        for what, told in round_:
            getattr(story, what)(told)
        assert story.caught_up() == story.from_the_start()


def any_story(examples):
    """Draw what happens."""
    drawn = given(
        first=st.lists(sales, min_size=3, max_size=8), then=st.lists(happenings, max_size=2)
    )
    checks = [HealthCheck.function_scoped_fixture]
    held = settings(max_examples=examples, deadline=None, suppress_health_check=checks)
    return lambda test: held(drawn(test))


@pytest.mark.slow
@any_story(examples=6)
@example(first=[HERS, NOBODYS], then=[[("move", {"anna": 0})]])
@example(first=[HERS, GIVEN_BACK], then=[[("move", {"anna": 2})], [("lose", 0)]])
@example(first=[HERS, *PARTLY_NAMED], then=[[("move", {"carla": 2})]])
def test_a_mart_brought_up_to_date_equals_one_made_from_the_start(
    duck, tmp_path_factory, first, then
):
    closed(duck)
    ends_as_from_the_start(Story(tmp_path_factory.mktemp("story"), duck), first, then)


@pytest.mark.storm
@any_story(examples=200)
def test_two_hundred_stories_end_as_from_the_start(duck, tmp_path_factory, first, then):
    closed(duck)
    ends_as_from_the_start(Story(tmp_path_factory.mktemp("story"), duck), first, then)


@pytest.mark.spark
@pytest.mark.slow
def test_spark_brings_a_mart_up_to_date_as_well(spark_engine, tmp_path):
    closed(spark_engine)
    story = Story(tmp_path, spark_engine)
    story.sell([HERS, NOBODYS, GIVEN_BACK, ("-", "", "store", 1, None)])
    story.build(story.lake)
    story.months = set()
    story.sell([("-", "", "web", 2, None)])
    story.move({"anna": 2})
    assert story.caught_up() == story.from_the_start()
