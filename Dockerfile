# The image of the app and of its worker. It brings no Postgres of its own: see docker-compose.yml.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_LINK_MODE=copy
WORKDIR /srv/engross
# Every package comes from a lock and is checked against its hash. The tools stay behind in this stage.
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv /srv/tools \
 && /srv/tools/bin/pip install --quiet --require-hashes -r requirements/build.txt \
 && python -m venv --without-pip /srv/venv \
 && /srv/tools/bin/uv pip install --quiet --python /srv/venv/bin/python --compile-bytecode \
      --require-hashes -r requirements/runtime.txt
# The program runs from its source tree, which holds templates and migrations; this adds its command.
COPY pyproject.toml LICENSE ./
COPY app app
RUN /srv/tools/bin/hatchling build -t wheel:editable -d /tmp/dist \
 && /srv/tools/bin/uv pip install --quiet --python /srv/venv/bin/python --no-deps /tmp/dist/*.whl

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin engross \
 && install --directory --owner engross --group engross --mode 0700 /data /data/tmp
COPY --from=build /srv/venv /srv/venv
COPY LICENSE pyproject.toml /srv/engross/
COPY migrations /srv/engross/migrations
COPY templates /srv/engross/templates
COPY static /srv/engross/static
COPY app /srv/engross/app
RUN /srv/venv/bin/python -m compileall -q /srv/engross/app /srv/engross/migrations
# Uploads are spooled beside the data, where there is room, and not into memory.
ENV PATH=/srv/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data TMPDIR=/data/tmp
WORKDIR /srv/engross
USER engross
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["engross"]
# Refuses to start without SECRET_KEY and an https BASE_URL, as it must beyond loopback.
CMD ["serve", "--host", "0.0.0.0"]
