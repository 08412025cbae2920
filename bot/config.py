"""Settings: config.toml, overridden by .env, overridden by NGOSO_* environment variables."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

ROOT = Path(__file__).parent.parent
PREFIX = "NGOSO_"
# Taken from the environment or .env only.
SECRETS = (("telegram", "token"), ("telegram", "webhook_secret"), ("web", "operations_token"))
# The city's own limits: three working days for a simple matter, one for an urgent one, of eight
# working hours each.
CITY_LIMIT_MIN = 3 * 8 * 60
CITY_LIMIT_URGENT_MIN = 8 * 60
# Bulk leaves a fifth of the rate to replies.
BULK_SHARE = 0.8

PositiveInt = Annotated[int, Field(gt=0)]
PositiveFloat = Annotated[float, Field(gt=0)]
Minutes = tuple[PositiveInt, PositiveInt, PositiveInt, PositiveInt, PositiveInt]


class SettingsError(Exception):
    """A setting is unknown or has a bad value; the message names it and what is allowed."""


def _is_header_safe(secret: SecretStr) -> SecretStr:
    # https://core.telegram.org/bots/api#setwebhook; 16 is ours, so that it can't be guessed.
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret.get_secret_value()):
        raise ValueError("must be 16 to 256 of A-Z, a-z, 0-9, _ and -")
    return secret


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(Section):
    url: str = "sqlite:///var/ngoso.db"

    @field_validator("url")
    @classmethod
    def _known_engine(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return url


class RegionSettings(Section):
    data: str = "danang"

    @field_validator("data")
    @classmethod
    def _has_data(cls, data: str) -> str:
        folder = ROOT / "bot" / "data"
        known = sorted(path.name for path in folder.iterdir() if path.is_dir())
        if data not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return data


class WebSettings(Section):
    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str = "http://127.0.0.1:8080"
    max_text_chars: PositiveInt = 4000
    max_upload_mb: PositiveInt = 8
    messages_per_minute: PositiveInt = 40
    new_chats_per_hour: PositiveInt = 60
    session_days: PositiveInt = 180
    operations_token: Annotated[SecretStr, AfterValidator(_is_header_safe)] | None = None


class TelegramSettings(Section):
    token: SecretStr | None = None
    username: str = ""
    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"
    proxy: str = ""
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: Annotated[SecretStr, AfterValidator(_is_header_safe)] | None = None
    poll_timeout_s: Annotated[int, Field(ge=1, le=50)] = 30
    poll_silence_s: PositiveFloat = 15.0

    @model_validator(mode="after")
    def _webhook_is_guarded(self) -> Self:
        if self.mode == "webhook" and self.token and not self.webhook_secret:
            raise ValueError(f"mode webhook needs {PREFIX}TELEGRAM__WEBHOOK_SECRET")
        return self


class HelpSettings(Section):
    first_offers: PositiveInt = 3
    neighbour_teams: PositiveInt = 3
    neighbour_radius_km: PositiveFloat = 15.0
    rung_minutes: Minutes = (30, 60, 90, 240, 480)
    urgent_rung_minutes: Minutes = (15, 30, 45, 90, 240)
    nudge_minutes: PositiveInt = 240
    take_back_minutes: PositiveInt = 240
    confirm_days: PositiveInt = 3
    max_open_requests: PositiveInt = 3
    max_claims: PositiveInt = 5
    day_starts: Annotated[int, Field(ge=0, le=23)] = 7
    day_ends: Annotated[int, Field(ge=1, le=24)] = 20

    @model_validator(mode="after")
    def _within_the_city_limit(self) -> Self:
        if sum(self.rung_minutes) > CITY_LIMIT_MIN:
            raise ValueError(f"rung_minutes must add up to at most {CITY_LIMIT_MIN}")
        if sum(self.urgent_rung_minutes) > CITY_LIMIT_URGENT_MIN:
            raise ValueError(f"urgent_rung_minutes must add up to at most {CITY_LIMIT_URGENT_MIN}")
        if self.day_starts >= self.day_ends:
            raise ValueError("day_starts must be before day_ends")
        return self


class ContactSettings(Section):
    hotline: str = "1022"
    hotline_long: str = "0236 1022"


class PrivacySettings(Section):
    consent_version: str = "2026-11"
    keep_requests_days: PositiveInt = 365
    keep_history_days: PositiveInt = 90


class SenderSettings(Section):
    telegram_per_second: PositiveFloat = 30.0
    telegram_per_chat_per_second: PositiveFloat = 1.0
    telegram_per_group_per_minute: PositiveFloat = 20.0
    web_per_second: PositiveFloat = 500.0
    max_attempts: PositiveInt = 8


class LogSettings(Section):
    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(BaseSettings):
    """Everything that can be set. `load()` is the way to get one."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=".env",
        extra="forbid",
        frozen=True,
    )

    demo: bool | None = None
    database: DatabaseSettings = DatabaseSettings()
    region: RegionSettings = RegionSettings()
    web: WebSettings = WebSettings()
    telegram: TelegramSettings = TelegramSettings()
    help: HelpSettings = HelpSettings()
    contacts: ContactSettings = ContactSettings()
    privacy: PrivacySettings = PrivacySettings()
    sender: SenderSettings = SenderSettings()
    log: LogSettings = LogSettings()

    @property
    def is_demo(self) -> bool:
        """Demo data and phones: as set, or else only while no channel has a token."""
        return self.telegram.token is None if self.demo is None else self.demo

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, ROOT / "config.toml")
        return init_settings, env_settings, dotenv_settings, _WithoutSecrets(settings_cls, toml)


class _WithoutSecrets(PydanticBaseSettingsSource):
    """config.toml is shared and committed, so a token in it stops the start."""

    def __init__(self, settings_cls: type[BaseSettings], toml: TomlConfigSettingsSource) -> None:
        super().__init__(settings_cls)
        self._toml = toml

    def get_field_value(self, field: object, field_name: str) -> tuple[object, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, object]:
        values: dict[str, object] = self._toml()
        for name, key in SECRETS:
            section = values.get(name)
            if isinstance(section, dict) and key in section:
                hint = f"is a secret; set {PREFIX}{name.upper()}__{key.upper()} instead"
                raise SettingsError(f"{name}.{key}: {hint}")
        return values


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force. Raises SettingsError that names each bad or unknown key."""
    known = {PREFIX + "__".join(path).upper() for path in keys()}
    sections = {PREFIX + path[0].upper() for path in keys()}
    unknown = sorted(
        name
        for name in environ
        if name.upper().startswith(PREFIX) and name.upper() not in known | sections
    )
    if unknown:
        hint = "no such setting; allowed are the keys of config.toml"
        raise SettingsError("\n".join(f"{name}: {hint}" for name in unknown))
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(error))) from None


def keys() -> Iterator[tuple[str, ...]]:
    """The path of every setting, such as ("web", "port")."""
    for name, info in Settings.model_fields.items():
        section = info.annotation
        if isinstance(section, type) and issubclass(section, Section):
            yield from ((name, key) for key in section.model_fields)
        else:
            yield (name,)


def _explain(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False):
        path = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            section = str(fault["loc"][0])
            allowed = [p[-1] for p in keys() if p[0] == section] or [p[0] for p in keys()]
            yield f"{path}: no such setting; allowed here: {', '.join(dict.fromkeys(allowed))}"
        else:
            yield f"{path}: {fault['msg']}"
