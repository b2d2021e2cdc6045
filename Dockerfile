# The service in one image: `docker build -t inkrow .`, for amd64 and arm64 alike. docs/container.md tells how to run it.

# Follows the fixes of Python 3.13 and Debian 13; every package that pip installs is locked by hash.
ARG PYTHON=python:3.13-slim-trixie

FROM ${PYTHON} AS packages
# strip, for the size; it stays behind in this stage, so that any version will do.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/inkrow
ENV PATH=/opt/inkrow/.venv/bin:$PATH \
    PIP_NO_CACHE_DIR=1 \
    PIP_PYTHON=/opt/inkrow/.venv
RUN python -m venv --without-pip .venv
COPY requirements/serve.txt requirements/
RUN pip install --no-compile --only-binary :all: --require-hashes --requirement requirements/serve.txt
# Some 70 MB that reading never needs: tests, C sources, pictures to try scikit-image on, symbols for a debugger.
# What auditwheel put into *.libs is laid out in a way that strip does not keep.
RUN find .venv -depth \( -name tests -o -name '*.[ach]' -o -path '*/skimage/data/*' -type f ! -name '*.py*' \) \
      -exec rm -r {} + \
 && find .venv -name '*.so' ! -path '*.libs/*' -exec strip --strip-unneeded {} +
# An editable install only points here: the command and its version, which other changes of the code leave as they are.
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY app/__init__.py app/
RUN pip install --no-compile --no-deps --no-build-isolation --editable .

# Reads a page. That proves the parts fit together, and leaves the bytecode of what serving needs: a container whose
# files are read-only could not keep it, and would compile at every start.
FROM packages AS tried
ENV PYTHONPYCACHEPREFIX=/opt/inkrow/bytecode
COPY app app
COPY model_store model_store
COPY samples/*.jpg samples/
RUN inkrow models verify \
 && inkrow read samples/*.jpg \
 && python -c 'import app.main, app.api.serving.protocol, http.client, uvicorn.lifespan.on'

FROM ${PYTHON}
ENV PATH=/opt/inkrow/.venv/bin:$PATH \
    PYTHONPYCACHEPREFIX=/opt/inkrow/bytecode \
    MPLCONFIGDIR=/tmp/matplotlib \
    INKROW_HOST=0.0.0.0 \
    INKROW_LOG_FORMAT=json
WORKDIR /opt/inkrow
COPY --from=packages /opt/inkrow .
COPY app app
# A volume that is mounted at one of these begins as a copy, owner included.
COPY --chown=10001:10001 model_store model_store
RUN install --directory --owner=10001 --group=10001 --mode=700 state
COPY --from=tried /opt/inkrow/bytecode bytecode
USER 10001:10001
EXPOSE 8000
# Python minds it from its first moment on, as process 1 too; SIGTERM only once the server has started.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import http.client, sys; to = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); to.request('GET', '/readyz'); sys.exit(to.getresponse().status != 200)"]
ENTRYPOINT ["inkrow"]
CMD ["serve"]
