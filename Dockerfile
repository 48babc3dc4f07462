# Bilan with its pages and plugins, for compose.yaml. Not covered by the tests.
FROM python:3.12-slim AS build
WORKDIR /src
COPY constraints.txt ./
COPY server server
COPY ui ui
COPY plugins plugins
RUN python -m venv /opt/bilan \
    && /opt/bilan/bin/pip install --no-cache-dir -c constraints.txt ./server ./ui ./plugins/*

FROM python:3.12-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends fonts-noto-cjk fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home bilan && mkdir /data && chown bilan /data
COPY --from=build /opt/bilan /opt/bilan
USER bilan
ENV PATH=/opt/bilan/bin:$PATH BILAN_DATA_DIR=/data BILAN_HOST=0.0.0.0 BILAN_LOG_FORMAT=json
VOLUME /data
EXPOSE 8000
CMD ["bilan", "serve"]
