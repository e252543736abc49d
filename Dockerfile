# An image of groupsync, for CI systems that run containers and for `docker run`:
#   docker run --rm --volume "$PWD:/work:ro" --env MESSENTE_API_USERNAME --env MESSENTE_API_PASSWORD groupsync plan
FROM python:3.13.13-slim-bookworm@sha256:355bfa66770995d7e9a0da4b3473b44d0cb451f6b56f5615ad9c39e3c4eca03f AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY groupsync groupsync
RUN python -m venv /opt/groupsync \
    && /opt/groupsync/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt .

FROM python:3.13.13-slim-bookworm@sha256:355bfa66770995d7e9a0da4b3473b44d0cb451f6b56f5615ad9c39e3c4eca03f
LABEL org.opencontainers.image.source="https://github.com/YOUR-ORG/groupsync" \
    org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/groupsync /opt/groupsync
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin groupsync
ENV PATH=/opt/groupsync/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["groupsync"]
