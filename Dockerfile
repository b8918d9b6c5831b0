# Build: the whole toolchain, once.
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        libsqlite3-dev libcurl4-openssl-dev zlib1g-dev python3 python3-venv esbuild && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN scripts/vendor && scripts/bundle && swift build -c release --static-swift-stdlib --product track \
    && mkdir -p /out/bin /out/share/track \
    && cp .build/release/track /out/bin/ && cp -a web migrations /out/share/track/

# Run: a slim system, a user without rights, a volume for the data.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-0 libcurl4 zlib1g ca-certificates \
    && rm -rf /var/lib/apt/lists/* && useradd --create-home --uid 10001 track \
    && install -d -o track -g track /data
COPY --from=build /out /usr/local
USER track
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && grep -q ' 200 ' <&3"]
ENTRYPOINT ["track"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080", "--data", "/data"]
