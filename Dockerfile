# Page, function and the sending of mails in one container: docs/how-to/container.md.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
RUN python3 -m venv /opt/prequal
WORKDIR /build
COPY requirements/run.txt requirements/
RUN /opt/prequal/bin/pip install --no-cache-dir --require-hashes --requirement requirements/run.txt
COPY . .
RUN /opt/prequal/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/prequal /opt/prequal
COPY schema /app/schema
COPY site /app/site
# No VOLUME: Railway refuses it. A new volume of Docker gets the owner of /data.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent prequal \
    && install --directory --owner=prequal --group=prequal --mode=0700 /data
ENV PATH=/opt/prequal/bin:$PATH PREQUAL_STORE=sqlite:/data/prequal.db PYTHONUNBUFFERED=1
WORKDIR /app
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=20s CMD ["python3", "-c", "import os, urllib.request as http; http.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8080)}/api/health', timeout=10)"]
CMD ["prequal", "serve", "--host", "0.0.0.0"]
