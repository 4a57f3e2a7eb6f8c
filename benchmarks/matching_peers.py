"""Puts a labelled file together with Splink, goldenmatch or recordlinkage, by their documentation.

Run by `benchmarks.matching` with an interpreter that has them, because they want other versions
of what tuttuno stands on. Prints JSON: for each record the number of its person, and the cost.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

#: Match probability from which on a peer's pairs are linked, where it gives one.
_LINKED = 0.95
#: Fields by which pairs are found and compared; those that a file lacks are left out.
_FIELDS = ("given_name", "family_name", "birth_date", "city", "postal_code", "address", "email")


def splink(rows: Any) -> Any:
    """Splink 5: comparisons by its library, weights by expectation-maximisation, on DuckDB."""
    module, library = import_module("splink"), import_module("splink.comparison_library")
    here = [name for name in _FIELDS if name in rows.columns]
    comparisons = [
        library.NameComparison(name) if name.endswith("_name") else _by_splink(library, name)
        for name in here
    ]
    blocks = [
        module.block_on(*pair)
        for pair in zip(here, [*here[1:], here[0]], strict=True)
        if pair[0] != pair[1]
    ]
    settings = module.SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="nr",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks,
    )
    api = import_module("splink.backends.duckdb").DuckDBAPI()
    linker = module.Linker(api.register(rows), settings)
    train = linker.training
    train.estimate_probability_two_random_records_match(blocks[:2], recall=0.7)
    train.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for rule in (blocks[0], blocks[len(blocks) // 2]):
        train.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.01)
    cluster = linker.clustering.cluster_pairwise_predictions_at_threshold(found, _LINKED)
    return cluster.as_pandas_dataframe().set_index("nr")["cluster_id"].reindex(rows["nr"])


def _by_splink(library: Any, name: str) -> Any:
    if name == "birth_date":
        return library.DateOfBirthComparison(name, input_is_string=True)
    if name == "email":
        return library.EmailComparison(name)
    return library.JaroWinklerAtThresholds(name, [0.9, 0.8])


def goldenmatch(rows: Any) -> Any:
    """Goldenmatch as it comes: `dedupe_df` without any configuration."""
    module = import_module("goldenmatch")
    here = [name for name in _FIELDS if name in rows.columns]
    frame = import_module("pyarrow").Table.from_pandas(rows[here], preserve_index=False)
    found = module.dedupe_df(frame, confidence_required=False, allow_red_config=True)
    label = list(range(len(rows)))
    for number, cluster in enumerate(found.clusters.values()):
        for member in cluster["members"]:
            label[member] = len(rows) + number
    return label


def recordlinkage(rows: Any) -> Any:
    """Recordlinkage: three blocks, Jaro and Winkler, ECM classifier, closed by chains."""
    module = import_module("recordlinkage")
    here = [name for name in _FIELDS if name in rows.columns]
    index = module.Index()
    for name in here[:3]:
        index.block(name)
    frame = rows[here]
    pairs = index.index(frame)
    compare = module.Compare()
    for name in here:
        compare.string(name, name, method="jarowinkler", threshold=0.88)
    features = compare.compute(pairs, frame)
    links = module.ECMClassifier().fit_predict((features > 0).astype(int))
    return _chains(len(rows), links)


def _chains(records: int, links: Any) -> list[int]:
    leader = list(range(records))

    def find(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for one, other in links:
        low, high = sorted((find(one), find(other)))
        leader[high] = low
    return [find(one) for one in range(records)]


PEERS: dict[str, Callable[[Any], Any]] = {
    "splink": splink,
    "goldenmatch": goldenmatch,
    "recordlinkage": recordlinkage,
}


def main() -> None:
    """Read a Parquet file of records and print who is who."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("file")
    given = parser.parse_args()
    rows = import_module("pandas").read_parquet(given.file)
    rows["nr"] = range(len(rows))
    started, used = time.perf_counter(), time.process_time()
    label = list(map(str, PEERS[given.peer](rows)))
    cost = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - used}
    cost["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    version = import_module("importlib.metadata").version(given.peer)
    sys.stdout.write("\n" + json.dumps({**cost, "version": version, "label": label}) + "\n")


if __name__ == "__main__":
    main()
