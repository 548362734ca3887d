# syntax=docker/dockerfile:1
# docker build -t modelregistry .
# docker run -p 5000:5000 -v modelregistry:/data modelregistry
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /source
# Packages first: this layer is kept until a dependency changes.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY ModelRegistry.Core/*.csproj ModelRegistry.Core/
COPY ModelRegistry.Web/*.csproj ModelRegistry.Web/
RUN dotnet restore ModelRegistry.Web -a $TARGETARCH -p:PublishReadyToRun=true
COPY appsettings.json ./
COPY ModelRegistry.Core/ ModelRegistry.Core/
COPY ModelRegistry.Web/ ModelRegistry.Web/
RUN dotnet publish ModelRegistry.Web -c Release -a $TARGETARCH --no-restore --self-contained false \
      -p:PublishReadyToRun=true -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN install -d -o $APP_UID -g $APP_UID -m 700 /data
COPY --from=build /app /app
# Relative paths of the settings (data/registry.db, data/artifacts) are relative to this folder.
WORKDIR /
VOLUME /data
USER $APP_UID
ENV ASPNETCORE_HTTP_PORTS=5000 \
    DOTNET_EnableDiagnostics=0
EXPOSE 5000
# The image has no curl.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/5000 && printf 'GET /health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["/app/ModelRegistry.Web"]
