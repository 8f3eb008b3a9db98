"""Folders of clusters: private to their user, named plainly, owned by whoever holds the lock."""

from pathlib import Path

import pytest

from localkube.errors import ClusterError
from localkube.folders import claim, cluster_folder, is_alive, runtime_folder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the folders of clusters be below a folder of the test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.mark.parametrize("name", ["", "../other", "A", "a/b", "-a", "a" * 41])
def test_a_name_that_could_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(ClusterError, match="cluster name"):
        cluster_folder(name)


def test_a_folder_that_others_can_open_is_refused() -> None:
    runtime_folder().chmod(0o755)

    with pytest.raises(ClusterError, match="must be a folder that only you can open"):
        runtime_folder()


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = runtime_folder()
    folder.rename(tmp_path / "theirs")
    folder.symlink_to(tmp_path / "theirs")

    with pytest.raises(ClusterError, match="must be a folder that only you can open"):
        runtime_folder()


def test_a_cluster_lives_as_long_as_its_lock_is_held() -> None:
    folder = cluster_folder("held")
    folder.mkdir()

    lock = claim(folder)

    assert lock is not None
    assert is_alive(folder)
    assert claim(folder) is None
    lock.close()
    assert not is_alive(folder)
