# Readout in a container. It serves the seed at once, and keeps what it serves in /data:
#
#   docker build -t readout .
#   docker run -p 8000:8000 -v readout:/data readout
#
# What follows the image's name is given to the command `readout`. A running server changes to
# a release as soon as it is published:
#
#   docker run --rm -v "$PWD:/bundles:ro" readout check /bundles/mine.json
#   docker run --rm -v "$PWD:/bundles:ro" -v readout:/data readout load /bundles/mine.json
#
# Nothing is written outside /data, and no rights are needed: `--read-only --cap-drop ALL` works.
# A folder of the host's in place of the volume must be writable for user 10001, or for the user
# given with `--user`.

# The version the tests run on; a rebuild brings its security fixes.
FROM python:3.11-slim-trixie AS base
WORKDIR /app


FROM base AS build

RUN python -m venv --without-pip /venv

# Only what the lock names, by hash, and nothing that would run code to install itself.
COPY requirements.lock ./
RUN pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r requirements.lock

# The project is installed in place, as `make serve` does it. That needs its name and version, so
# a change of the code leaves the large layer, /venv, as it is.
COPY pyproject.toml README.md LICENSE ./
COPY app/__init__.py app/
RUN pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-index --no-build-isolation --no-deps --editable . \
    && pip --python /venv/bin/python uninstall --yes pip

COPY app app
COPY migrations migrations
COPY data/seed.json data/
# Readable for any user, however strict the umask of the one who builds.
RUN python -m compileall -q app migrations \
    && chmod -R a+rX /app


FROM base

LABEL org.opencontainers.image.title="Readout" \
      org.opencontainers.image.description="What leaders agreed, promised and said at a summit, with the exact words that prove it." \
      org.opencontainers.image.licenses="MIT"

COPY --from=build /venv /venv
COPY --from=build /app /app

# A build that could not run fails here. The run also leaves the bytecode of the part of the
# standard library that is used, which the base image comes without: every later start is quicker.
RUN /venv/bin/readout check data/seed.json \
    && install --directory --owner=10001 --group=10001 /data

# READOUT_PUBLIC_URL belongs to whoever runs the image: the address under which clients reach it,
# such as https://readout.example.org. Without it, whole URLs say http://127.0.0.1:8000, which is
# right for `-p 8000:8000` on one's own machine only.
# A load sorts what is large in a file, and an Excel workbook is made in one; a read-only root has no
# /tmp for them.
ENV PATH="/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    READOUT_DATABASE_URL=sqlite:////data/readout.db \
    SQLITE_TMPDIR=/data \
    TMPDIR=/data

USER 10001:10001
VOLUME /data
EXPOSE 8000

# Not with urllib: it would ask the proxy that an engine may name in the environment.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health/ready'); sys.exit(c.getresponse().status != 200)"]

# A server that finds no database begins with the seed; one that is there keeps its content.
ENTRYPOINT ["readout"]
CMD ["serve", "--host", "0.0.0.0", "--seed", "data/seed.json"]
