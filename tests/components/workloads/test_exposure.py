"""How a workload is reached: Service, Ingress, HTTPRoute."""

from pathlib import Path

from tests.components.rendering import Objects, of_kind, render_server, render_shop, render_text


def _exposed(folder: Path, ingress: str, *lines: str) -> Objects:
    more = "".join(f"        {line}\n" for line in lines)
    return render_text(
        folder,
        f"tier: test\ncluster: {{domain: example.org, ingress: {ingress}}}\napps:\n  shop:\n"
        "    flows: {visitors: {from: ingress, to: server, port: http}}\n"
        f"    workloads:\n      server:\n        host: www\n{more}",
    )


def test_a_service_sends_to_ports_by_name(tmp_path: Path) -> None:
    objects = render_server(
        tmp_path, "ports: {http: {number: 8080, service: 80}, sync: {number: 7, protocol: UDP}}"
    )
    assert objects["Service/shop-qa/server"]["spec"] == {
        "ports": [
            {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"},
            {"name": "sync", "port": 7, "targetPort": "sync", "protocol": "UDP"},
        ],
        "selector": {"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "server"},
    }


def test_what_has_no_ports_or_ends_has_no_service(tmp_path: Path) -> None:
    lines = 'workloads: {job: {kind: job, image: "a:1", ports: {http: 1}}, server: {ports: {http: null}}}'
    assert of_kind(render_shop(tmp_path, lines), "Service") == []


def test_an_ingress_routes_the_completed_host_to_the_first_port(tmp_path: Path) -> None:
    objects = _exposed(tmp_path, "{namespace: x, className: nginx, tls: certificate}", "path: /shop")
    assert objects["Ingress/shop-qa/server"]["spec"] == {
        "ingressClassName": "nginx",
        "rules": [
            {
                "host": "www.qa.example.org",
                "http": {
                    "paths": [
                        {
                            "path": "/shop",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": "server", "port": {"name": "http"}}},
                        }
                    ]
                },
            }
        ],
        "tls": [{"hosts": ["www.qa.example.org"], "secretName": "certificate"}],
    }


def test_a_port_without_connections_gets_no_visitors(tmp_path: Path) -> None:
    text = """\
tier: test
cluster: {ingress: {namespace: x}}
apps:
  shop:
    flows: {visitors: {from: ingress, to: other, port: web}}
    workloads: {other: {image: "a:1", host: a.example.org, ports: {dns: {number: 53, protocol: UDP}, web: 80}}}
"""
    path = render_text(tmp_path, text)["Ingress/shop-qa/other"]["spec"]["rules"][0]["http"]["paths"][0]
    assert path["backend"]["service"]["port"] == {"name": "web"}


def test_a_gateway_gets_a_route_instead(tmp_path: Path) -> None:
    objects = _exposed(
        tmp_path, "{namespace: edge, gateway: public}", "ports: {http: {number: 8080, service: 80}}"
    )
    assert of_kind(objects, "Ingress") == []
    assert objects["HTTPRoute/shop-qa/server"]["spec"] == {
        "parentRefs": [{"name": "public", "namespace": "edge"}],
        "hostnames": ["www.qa.example.org"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": "server", "port": 80}],
            }
        ],
    }
