"""Objects that Kubernetes takes, and objects that it refuses: a change of a good one, and the place at fault."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import yaml

Body = dict[str, Any]

GOOD: dict[str, Body] = {
    text["kind"]: text
    for text in yaml.safe_load_all("""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}, annotations: {example.com/note: "any text: 1"}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: web}, creationTimestamp: null}
    spec:
      restartPolicy: Always
      volumes: [{name: tmp, emptyDir: {sizeLimit: 64Mi}}]
      containers:
      - name: web
        image: registry.example.com/web:1.0.0
        imagePullPolicy: ""
        args: [--port, "80"]
        env: [{name: A, value: b}, {name: C, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
        ports: [{name: http, containerPort: 80}]
        resources: {requests: {cpu: 1, memory: 64Mi}, limits: {memory: 1.5Gi}}
        volumeMounts: [{name: tmp, mountPath: /tmp}]
        readinessProbe: {httpGet: {path: /, port: http}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web.settings}
data: {app.conf: "a=1"}
binaryData: {bytes: aGVsbG8=}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}], type: ClusterIP}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: web.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{protocol: TCP, port: 80}]}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: "0 4 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: report, image: registry.example.com/report:1.0.0}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "web:reader"}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 1
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "registry.example.com/db:1.0.0"}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
automountServiceAccountToken: false
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: integer, default: 1}}}}
""")
}


class Bad(NamedTuple):
    """A value at a path of a good object that makes it bad, `below` that path; REMOVED takes the field away."""

    kind: str
    path: str
    value: Any
    message: str
    below: str = ""

    @property
    def place(self) -> str:
        """Where the fault is."""
        return ".".join(filter(None, (self.path, self.below)))


REMOVED = object()
_CONTAINER = "spec.template.spec.containers.0"
BAD = (
    Bad("Deployment", "spec.replicas", "three", "write a whole number"),
    Bad("Deployment", "spec.replicas", True, "is true or false"),
    Bad("Deployment", "spec.replicas", 2**31, "does not fit into 32 bits"),
    Bad("Deployment", "spec.replica", 2, "did you mean `replicas`?"),
    Bad("Deployment", "spec.template.spec.containers", None, "is missing"),
    Bad("Deployment", "spec.template.spec.containers", {}, "not a list"),
    Bad("Deployment", "spec.selector", REMOVED, "is missing"),
    Bad("Deployment", "spec.template", [], "is a list, not a mapping"),
    Bad("Deployment", f"{_CONTAINER}.imagePullPolicy", "always", "`Always`"),
    Bad("Deployment", f"{_CONTAINER}.name", "Web_1", "DNS label"),
    Bad("Deployment", f"{_CONTAINER}.name", REMOVED, "is missing"),
    Bad("Deployment", f"{_CONTAINER}.args", [80], "put it in quotes", "0"),
    Bad("Deployment", f"{_CONTAINER}.args", "run", "is text, not a list"),
    Bad("Deployment", f"{_CONTAINER}.env.0.value", 1, "put it in quotes"),
    Bad("Deployment", f"{_CONTAINER}.env.1.valueFrom.fieldRef", {}, "is missing", "fieldPath"),
    Bad("Deployment", f"{_CONTAINER}.ports.0.containerPort", "80", "without quotes"),
    Bad("Deployment", f"{_CONTAINER}.ports.0.protcol", "TCP", "`protocol`"),
    Bad("Deployment", f"{_CONTAINER}.ports.0.protocol", "tcp", "is not one of SCTP, TCP, UDP"),
    Bad("Deployment", f"{_CONTAINER}.ports.0.name", "HTTP", "RFC 6335"),
    Bad("Deployment", f"{_CONTAINER}.resources.requests.cpu", "1 core", "is not a quantity"),
    Bad("Deployment", f"{_CONTAINER}.resources.limits", ["a"], "not a mapping"),
    Bad("Deployment", "metadata.labels", {"app": 1}, "put it in quotes", "app"),
    Bad("Deployment", "metadata.labels", {"app": "a b"}, "is not the value of a label", "app"),
    Bad("Deployment", "metadata.labels", {"app": "a" * 64}, "at most 63", "app"),
    Bad("Deployment", "metadata.annotations", {"a b": "c"}, "is not a name", "a b"),
    Bad("Deployment", "metadata.name", "Web", "RFC 1123"),
    Bad("Deployment", "metadata.name", REMOVED, "is missing"),
    Bad("Deployment", "metadata.lables", {}, "`labels`"),
    Bad("Deployment", "apiVersion", "apps/v1beta1", "write apps/v1"),
    Bad("Deployment", "apiVersion", "extensions/v1beta1", "write apps/v1"),
    Bad("Deployment", "apiVersion", "v1", "write apps/v1"),
    Bad("Deployment", "kind", "Deploiment", "`Deployment`"),
    Bad("Deployment", "sepc", {}, "`spec`"),
    Bad("ConfigMap", "dat", {}, "`data`"),
    Bad("ConfigMap", "data", {"a": 1}, "put it in quotes", "a"),
    Bad("ConfigMap", "data", {"a/b": "c"}, "is not a key", "a/b"),
    Bad("ConfigMap", "binaryData", {"a": "?"}, "is not base64", "a"),
    Bad("ConfigMap", "immutable", "true", "true or false without quotes"),
    Bad("Service", "spec.type", "NodeProt", "`NodePort`"),
    Bad("Service", "spec.ports.0.port", REMOVED, "is missing"),
    Bad("Service", "spec.selector.app", True, "put it in quotes"),
    Bad("Service", "metadata.name", "web.1", "DNS label"),
    Bad("Ingress", "apiVersion", "networking.k8s.io/v1beta1", "write networking.k8s.io/v1"),
    Bad("Ingress", "spec.rules.0.http.paths.0.pathType", "prefix", "`Prefix`"),
    Bad("Ingress", "spec.rules.0.http.paths.0.pathType", REMOVED, "is missing"),
    Bad("NetworkPolicy", "spec.policyTypes", ["ingress"], "`Ingress`", "0"),
    Bad("NetworkPolicy", "spec.ingres", [], "`ingress`"),
    Bad("CronJob", "spec.concurrencyPolicy", "forbid", "`Forbid`"),
    Bad("CronJob", "metadata.name", "a" * 53, "at most 52"),
    Bad("CronJob", "apiVersion", "batch/v1beta1", "write batch/v1"),
    Bad("PodDisruptionBudget", "apiVersion", "policy/v1beta1", "write policy/v1"),
    Bad("PodDisruptionBudget", "spec.selector.matchLabels", {"app": "?"}, "label", "app"),
    Bad("Role", "metadata.name", "a/b", "omit / and %"),
    Bad("Role", "rules.0.verbs", REMOVED, "is missing"),
    Bad("HorizontalPodAutoscaler", "apiVersion", "autoscaling/v2beta2", "write autoscaling/v"),
    Bad("HorizontalPodAutoscaler", "spec.maxReplicas", REMOVED, "is missing"),
    Bad("PersistentVolumeClaim", "spec.accessModes", ["ReadWriteOne"], "`ReadWriteOnce`", "0"),
    Bad("StatefulSet", "metadata.name", "db.1", "DNS label"),
    Bad("ServiceAccount", "automountServiceAccountToken", "no", "true or false"),
    Bad("CustomResourceDefinition", "spec.versions.0.schema.openAPIV3Schema.tpye", "object", "`type`"),
)


def body(case: Bad) -> Body:
    """Make the bad object."""
    made = copy.deepcopy(GOOD[case.kind])
    *above, last = case.path.split(".")
    value: Any = made
    for step in above:
        value = value[int(step)] if isinstance(value, list) else value[step]
    if case.value is REMOVED:
        del value[last]
    else:
        value[last] = case.value
    return made


def title(case: Bad) -> str:
    """Name a case for the report of a test."""
    return f"{case.kind} {case.place} {case.message}"
