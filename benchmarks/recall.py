"""What the headline figures become when identity puts fewer records of a person together."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from benchmarks.machine import save
from benchmarks.task import Task, task
from tuttuno.demo.simulate import simulate
from tuttuno.engine.port import Engine
from tuttuno.identity.resolve import person_of_record
from tuttuno.mart.build import MODELS
from tuttuno.mart.returns import return_origin
from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.schema.reach import RECORD_CONSENT, RECORD_CONTACT
from tuttuno.studies.catalog import STUDIES
from tuttuno.tasks.build import build
from tuttuno.tasks.ingest import ingest, mapping_for
from tuttuno.tasks.measure import compute
from tuttuno.tasks.open_release import find_release, open_release
from tuttuno.tasks.simulate_retailer import SETTINGS
from tuttuno.workspace import Workspace, make_workspace, open_workspace

#: Shares of links that are left, from all that identity found.
RECALLS = (1.0, 0.95, 0.9, 0.85, 0.8)

#: Made of what the vault tells, which this does not take apart: who can be reached.
_APART = {"reach", "social"}

#: Headline -> study, and outcome; the empty one is the number the study leads with.
_STUDIED = {
    "diversion": ("cannibalisation", ""),
    "loyalty_effect": ("loyalty_effect", ""),
    "click_and_collect_store": ("click_and_collect_effect", "orders_store"),
    "click_and_collect_online": ("click_and_collect_effect", "orders_online"),
}

#: Headline -> its name among the known effects of the simulated retailer.
_TRUTH = {
    "diversion": "diversion_members",
    "loyalty_effect": "loyalty_effect_orders",
    "click_and_collect_store": "click_and_collect_effect_store_orders_share",
    "click_and_collect_online": "click_and_collect_effect_online_orders_share",
    "product_overlap": "overlap_identified_product_ratio_to_chance",
    "sales_with_a_known_buyer": "coverage_sales",
}


def less(belongs: pa.Table, recall: float, seed: int) -> pa.Table:
    """Take records away from their persons, each to be a person of its own.

    Every person keeps one record; each other one stays with the probability `recall`. A record
    that goes at one recall has gone at every lower one.
    """
    person = np.asarray(belongs["person_id"])
    keys = belongs["record_key"].to_pylist()
    lot = np.array([_lot(key, seed) for key in keys])
    order = np.lexsort((lot, person))
    first = np.ones(order.size, dtype=np.bool_)
    first[1:] = person[order][1:] != person[order][:-1]
    kept = np.empty(order.size, dtype=np.bool_)
    kept[order] = first
    # the record that stays is the one with the least lot, so the lots of the rest are no longer
    # even: a second one decides
    again = np.array([_lot(key, seed + 1) for key in keys])
    goes = ~kept & (again >= recall)
    alone = person.max() + 1 + np.arange(int(goes.sum()))
    made = person.copy()
    made[goes] = alone
    return belongs.set_column(
        belongs.column_names.index("person_id"), "person_id", pa.array(made, pa.int64())
    )


def tables_of(
    engine: Engine, lake: Mapping[str, ibis.Table], belongs: pa.Table
) -> dict[str, ibis.Table]:
    """Make the mart again from the lake with other persons behind the records."""
    tables = dict(lake)
    tables[PERSON_OF_RECORD.name] = engine.bind(PERSON_OF_RECORD.name, belongs)
    for empty in (RECORD_CONTACT, RECORD_CONSENT):
        tables[empty.name] = engine.bind(empty.name, empty.arrow.empty_table())
    tables[return_origin.name] = engine.keep(return_origin.name, return_origin.of(**tables))
    for model in MODELS:
        if model.name not in _APART:
            tables[model.name] = engine.keep(f"_recall_{model.name}", model.of(**tables))
    return tables


def headlines(engine: Engine, tables: Mapping[str, ibis.Table]) -> dict[str, dict[str, Any]]:
    """Every headline with its interval, where it has one."""
    return dict([*_measured(engine, tables), *_caused(engine, tables)])


def _measured(
    engine: Engine, tables: Mapping[str, ibis.Table]
) -> Iterator[tuple[str, dict[str, Any]]]:
    def asked(name: str) -> Answer:
        return compute(name, Ask(all_time=True), engine=engine, tables=tables, params={})

    classes = _by_class(asked("channel_class"))
    yield "buyers_in_both_channels", {"value": classes["both"] / sum(classes.values())}
    overlap = next(row for row in asked("product_overlap").rows if row["level"] == "product")
    yield (
        "product_overlap",
        {"value": overlap["ratio_to_chance"], "low": overlap["low"], "high": overlap["high"]},
    )
    identified = asked("coverage").rows[0]["identified_sales"]
    yield "sales_with_a_known_buyer", {"value": identified}


def _by_class(answer: Answer) -> dict[str, float]:
    added: dict[str, float] = {}
    for row in answer.rows:
        name = str(row["class"])
        added[name] = added.get(name, 0.0) + float(row["persons"] or 0)
    return added


def _caused(
    engine: Engine, tables: Mapping[str, ibis.Table]
) -> Iterator[tuple[str, dict[str, Any]]]:
    names = {study for study, _ in _STUDIED.values()}
    plain = {
        name: STUDIES[name].answer(STUDIES[name].default, engine, tables).as_dict()
        for name in names
    }
    for headline, (study, outcome) in _STUDIED.items():
        told = plain[study]
        rows = told["diagnostics"].get("outcomes", [])
        row = next((one for one in rows if one["name"] == outcome), told)
        value = None if told["refused"] else row["estimate"]
        low, high = (None, None) if told["refused"] else (row["low"], row["high"])
        yield headline, {"value": value, "low": low, "high": high, "refused": told["refused"]}


def true(effects: Mapping[str, float]) -> dict[str, float]:
    """What is known of the headlines."""
    counts = [effects[f"class_identified_{word}"] for word in ("both", "online_only", "store_only")]
    known = {name: effects[word] for name, word in _TRUTH.items()}
    return {"buyers_in_both_channels": counts[0] / sum(counts), **known}


def _lot(key: str, seed: int) -> float:
    """Draw a number from 0 to 1 that is the same for a record in every run."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def measured(workspace: Workspace, *, seed: int) -> dict[str, Any]:
    """Ask the headlines at every recall."""
    release = find_release(workspace.vault)
    opened = open_release(release, lake=workspace.lake, engine=workspace.embedded())
    belongs = person_of_record(workspace.vault)
    curve = []
    for recall in RECALLS:
        cut = less(belongs, recall, seed)
        tables = tables_of(opened.engine, opened.tables, cut)
        persons = len(cut["person_id"].unique())
        told = headlines(opened.engine, tables)
        curve.append({"recall": recall, "persons": persons, "headlines": told})
    return {"records": belongs.num_rows, "curve": curve}


def main(asked: Task) -> Path:
    """Simulate, build, take records apart, and return where the result is."""
    work = asked.work / "recall"
    shutil.rmtree(work, ignore_errors=True)
    made = simulate(work / "retailer", people=asked.people, seed=asked.seed)
    workspace = make_workspace(work / "project", settings=SETTINGS)
    exchange = mapping_for("exchange", None, sources={})
    ingest((made.exchange,), exchange, root=workspace.root, intake=workspace.intake())
    build(workspace.stores, workspace.engine(), settings=workspace.build)
    workspace.vault.close()
    truth = true(made.effects)
    found = measured(open_workspace(work / "project"), seed=asked.seed)
    result = {"people": asked.people, "seed": asked.seed, "truth": truth, **found}
    return save(f"recall_{asked.people}", result, folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
