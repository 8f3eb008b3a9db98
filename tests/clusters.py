"""Gives a test run its clusters. In: a level. Out: a cluster that ends when the run does, however it ends."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from localkube.clusters import Choice, Level, LocalCluster, obtain, start, stop
from localkube.errors import ClusterError, UnfitMachineError

MACHINE = "this machine cannot"  # begins the reason of every skip that is right in CI, too


def obtain_for_run(level: Level, config: pytest.Config) -> LocalCluster:
    """Return this run's cluster of the level, shared by its workers; skip the test where there is none."""
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    run = os.getppid() if in_worker else os.getpid()  # it outlives its workers
    capture = config.pluginmanager.getplugin("capturemanager")

    def report(line: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            sys.stderr.write(f"\n{line}\n")

    with _or_skip():
        return obtain(f"pytest-{run}-{level}", level, Choice.of(os.environ), owner=run, report=report)


@contextmanager
def separate_cluster(level: Level) -> Iterator[LocalCluster]:
    """Give a cluster that shares nothing, built here, to tests whose objects have fixed names."""
    name = f"separate-{secrets.token_hex(4)}"
    with _or_skip():
        cluster = start(name, level, owner=os.getpid(), report=print)
    yield cluster
    stop(name)


@contextmanager
def _or_skip() -> Iterator[None]:
    """Skip the test where a cluster cannot be had, and say why."""
    try:
        yield
    except UnfitMachineError as error:
        pytest.skip(f"{MACHINE} {error}")
    except ClusterError as error:
        pytest.skip(str(error))


@contextmanager
def temporary_namespace(client: Client) -> Iterator[str]:
    """Make a namespace; its end is asked for and not waited for."""
    name = f"test-{secrets.token_hex(4)}"
    client.create(Namespace(metadata=ObjectMeta(name=name)))
    yield name
    client.delete(Namespace, name)
