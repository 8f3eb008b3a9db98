"""What identifies an object in a stack."""

from components.objects.manifest import Manifest, Part
from components.stack import identity


def manifest(api_version: str, kind: str, namespace: str = "app-qa") -> Manifest:
    """Make an object."""
    metadata = {"name": "web"} | ({"namespace": namespace} if namespace else {})
    return Manifest(
        {"apiVersion": api_version, "kind": kind, "metadata": metadata}, Part.WORKLOAD, "app", (), ""
    )


def test_kinds_of_the_same_word_in_two_groups_have_two_names() -> None:
    names = {
        identity.name(manifest("v1", "Service")),
        identity.name(manifest("serving.knative.dev/v1", "Service")),
    }

    assert names == {"app-qa/Service/web", "app-qa/serving.knative.dev/Service/web"}


def test_a_new_version_of_an_api_keeps_name_and_knows_the_type_of_the_old_one() -> None:
    before = manifest("external-secrets.io/v1beta1", "ExternalSecret")
    after = manifest("external-secrets.io/v1", "ExternalSecret")

    assert identity.name(after) == identity.name(before)
    assert identity.token(before) in identity.earlier_types(after)
    assert identity.token(after) not in identity.earlier_types(after)


def test_the_core_group_has_had_one_version() -> None:
    assert identity.token(manifest("v1", "Namespace", "")) == "kubernetes:core/v1:Namespace"
    assert identity.earlier_types(manifest("v1", "Namespace", "")) == []
