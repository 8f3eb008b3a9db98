# The image of the GitOps job: Python, Git, ssh and the package `gitops`; nothing else runs inside the cluster.
# Build with a digest in production: --build-arg PYTHON=docker.io/library/python:3.12-slim@sha256:…
ARG PYTHON=docker.io/library/python:3.12-slim

FROM ${PYTHON} AS build
WORKDIR /source
COPY gitops/requirements.lock ./
RUN python -m pip install --no-cache-dir --require-hashes --target /opt/gitops --requirement requirements.lock
COPY gitops /opt/gitops/gitops
COPY kube /opt/gitops/kube
COPY policies /opt/gitops/policies
# Nothing is compiled while the job runs, since its root file system may be read-only.
RUN python -m compileall -q /opt/gitops/gitops /opt/gitops/kube /opt/gitops/policies

FROM ${PYTHON}
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git gpg openssh-client ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 65532 gitops \
 && useradd --uid 65532 --gid 65532 --home-dir /tmp --shell /usr/sbin/nologin gitops
COPY --from=build /opt/gitops /opt/gitops
# The root file system may be read-only: only /tmp, an emptyDir, is written to.
ENV PYTHONPATH=/opt/gitops PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
USER 65532:65532
ENTRYPOINT ["python", "-m", "gitops"]
CMD ["sync", "--settings", "/settings/settings.yaml"]
