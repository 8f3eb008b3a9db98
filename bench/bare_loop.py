"""A Pulumi program that does nothing but register the objects of a file: what `components/` is held against."""

import json
from importlib.metadata import version
from pathlib import Path

import pulumi
from pulumi_kubernetes import Provider

provider = Provider("bare", kubeconfig="", opts=pulumi.ResourceOptions(version=version("pulumi-kubernetes")))
namespaces: dict[str, pulumi.Resource] = {}
for item in json.loads(Path("objects.json").read_text()):
    group_version, kind, metadata = item["apiVersion"], item["kind"], item["metadata"]
    token = f"kubernetes:{group_version if '/' in group_version else f'core/{group_version}'}:{kind}"
    name = f"{metadata.get('namespace', '')}/{kind}/{metadata['name']}"
    first = namespaces.get(metadata.get("namespace"))
    options = pulumi.ResourceOptions(provider=provider, depends_on=[first] if first else None)
    resource = pulumi.CustomResource(token, name, item, options)
    if kind == "Namespace":
        namespaces[metadata["name"]] = resource
