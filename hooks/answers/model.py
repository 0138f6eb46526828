"""The answers of one project: what the user chose, validated, and what follows from it.

Answers are the only input of the templates and the only persisted input of a run.
Everything derived here is a pure function of them, so that ``copier update`` renders
the same text in its temporary copies as in the real project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
)

from ..catalogue.deployment import target
from ..catalogue.mail import mail_service, service_variables
from ..catalogue.methods import sends_mail, social_providers
from ..catalogue.old_hashes import hash_readers
from ..env.origins import listed_origins
from ..errors import AnswerError
from ..syntax.yaml import YAMLError, load_yaml
from . import additions, choices, existing_users, rules
from .paths import package_module
from .plugin_endpoints import PluginEndpoints  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..catalogue.deployment import Target
    from ..catalogue.mail import MailService
    from ..catalogue.methods import SocialProvider
    from ..catalogue.variables import Variable


def _listed(value: object) -> object:
    return tuple(rules.selected(value))


def _ruled(question: str) -> AfterValidator:
    """Return the question's own rule, for what a checker of types cannot see."""

    def checked(value: object) -> object:
        if wrong := rules.problem(question, value):
            raise ValueError(wrong)
        return value

    return AfterValidator(checked)


class Answers(BaseModel):
    """One field per question of ``copier.yml``, with its name and its default."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    auth_backend_dir: str = "backend"
    auth_app: str = "app.main:app"
    auth_package_dir: str = "backend/app/auth"
    auth_server_dir: str = "auth-server"
    auth_database_provider: choices.Provider = "embedded"
    auth_database_layer: choices.Layer = "sqlmodel_async"
    auth_database_symbol: str = ""
    auth_migration_system: choices.MigrationSystem = "alembic"
    auth_package_manager: Annotated[str, _ruled("auth_package_manager")] = "uv"
    auth_node_package_manager: Annotated[str, _ruled("auth_node_package_manager")] = (
        "npm"
    )
    auth_methods: Annotated[
        tuple[str, ...], BeforeValidator(_listed), _ruled("auth_methods")
    ] = ("email_password",)
    auth_email_verification: bool = True
    auth_existing_users: choices.ExistingUsers = "none"
    auth_email_provider: Annotated[str, _ruled("auth_email_provider")] = "resend"
    auth_session_validation: choices.SessionValidation = "database"
    auth_session_days: int = 7
    auth_jwt_minutes: int = 15
    auth_cors_origins: str = "http://localhost:3000"
    auth_deployment: Annotated[str, _ruled("auth_deployment")] = "local"
    auth_apply_edits: choices.ApplyEdits = "apply"
    auth_allow_dirty: bool = False
    auth_records: bool = True
    auth_adrs: Annotated[tuple[choices.Decision, ...], BeforeValidator(_listed)] = ()
    auth_agents: bool = False

    # Facts that Copier records without asking; an update reuses them as they are.
    auth_new_project: bool = False
    auth_import_root: str = "backend"
    auth_api_prefix: str = ""
    auth_alembic_dir: str = ""
    auth_alembic_options: str = ""
    auth_base_metadata: str = ""
    auth_compose_file: str = ""
    auth_compose_service: str = ""
    auth_compose_migration: str = ""
    auth_front_end: choices.FrontEnd = "plain"
    # What sync found that better-auth's configuration stores besides.
    auth_schema_additions: Annotated[
        tuple[additions.StoredTable, ...], BeforeValidator(lambda value: value or ())
    ] = ()
    auth_plugin_endpoints: Annotated[
        tuple[PluginEndpoints, ...], BeforeValidator(lambda value: value or ())
    ] = ()

    # The people who were there before; None where no table of them was found.
    auth_existing_users_table: Annotated[
        existing_users.ExistingUsersTable | None,
        BeforeValidator(existing_users.given_table),
    ] = None

    @property
    def alembic(self) -> str:
        """How this project calls Alembic: ``alembic -c conf/alembic.ini``."""
        return f"alembic {self.auth_alembic_options}".rstrip()

    @property
    def alembic_dir(self) -> str:
        """The folder in which this project calls Alembic."""
        return self.auth_alembic_dir or self.auth_backend_dir

    @property
    def app_module(self) -> str:
        """The dotted module of the application: ``app.main``."""
        return self.auth_app.partition(":")[0]

    @property
    def app_attribute(self) -> str:
        """The application's name in its module: ``app``."""
        return self.auth_app.partition(":")[2].removesuffix("()")

    @property
    def package_module(self) -> str:
        """The dotted path that users import the auth package by: ``app.auth``."""
        return package_module(self.auth_import_root, self.auth_package_dir)

    @property
    def origins(self) -> tuple[str, ...]:
        """The front-end origins, in the user's order."""
        return listed_origins(self.auth_cors_origins)

    @property
    def sends_mail(self) -> bool:
        """Whether any chosen method sends mail (a password can be reset by mail)."""
        return sends_mail(self.auth_methods)

    @property
    def social_providers(self) -> tuple[SocialProvider, ...]:
        """The social providers among the sign-in methods."""
        return social_providers(self.auth_methods)

    @property
    def mail_service(self) -> MailService | None:
        """What sends the mail; None where no method sends any."""
        return mail_service(self.auth_methods, self.auth_email_provider)

    @property
    def deployment(self) -> Target:
        """The row of the deployment target."""
        return target(self.auth_deployment)

    @property
    def service_variables(self) -> tuple[Variable, ...]:
        """The variables that development may leave empty: providers', then mail's."""
        return service_variables(self.auth_methods, self.auth_email_provider)

    @property
    def verifies_email(self) -> bool:
        """Whether a new address must be confirmed before its first sign-in."""
        return "email_password" in self.auth_methods and self.auth_email_verification

    @property
    def hash_readers(self) -> tuple[str, ...]:
        """What verifies old passwords; ``auth_hash_readers`` of ``copier.yml``."""
        table = self.auth_existing_users_table
        if self.auth_existing_users == "none" or table is None or not table.password:
            return ()
        is_offered = "email_password" in self.auth_methods
        return hash_readers(table.scheme) if is_offered else ()

    @property
    def folders(self) -> tuple[str, str]:
        """The folders that the template renders into."""
        return self.auth_server_dir, self.auth_package_dir

    @property
    def credential(self) -> Literal["cookie", "token"]:
        """What a request shows to FastAPI; ``auth_credential`` of ``copier.yml``."""
        return "token" if self.auth_session_validation == "jwt" else "cookie"

    @property
    def migrated_by(self) -> Literal["server", "alembic", "sql"]:
        """What makes the auth tables; ``auth_migrated_by`` of ``copier.yml``."""
        system = self.auth_migration_system
        if system == "none" or self.auth_database_layer == "none":
            return "server"
        return system

    @property
    def shares_database(self) -> bool:
        """Whether FastAPI itself reads the auth tables."""
        return self.credential == "cookie"


def parse_answers(data: Mapping[str, object]) -> Answers:
    """Validate a mapping of answers; raise ``AnswerError`` with the first problem."""
    for question, value in data.items():
        known = question in rules.RULES or question in rules.RECORDED
        if known and (wrong := rules.problem(question, value)):
            message = f"{question}: {wrong}"
            raise AnswerError(message)
    try:
        return Answers.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors()[0]
        message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise AnswerError(message) from None


def load_answers(path: Path) -> Answers:
    """Read the answers file that Copier wrote at ``path``.

    Raises ``AnswerError`` when it is missing, is not YAML, or holds an answer that
    cannot work.
    """
    return parse_answers(read_answers_file(path))


def read_answers_file(path: Path) -> Mapping[str, object]:
    """Return what Copier wrote at ``path``, its own ``_commit`` and ``_src_path`` too.

    Raises ``AnswerError`` when it is missing or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        message = f"{path.name}: not found here; run copier copy first"
        raise AnswerError(message) from None
    except (OSError, UnicodeDecodeError):
        message = f"{path.name}: cannot be read; restore it from git"
        raise AnswerError(message) from None
    return parse_answers_file(text, path.name)


def parse_answers_file(text: str, name: str) -> Mapping[str, object]:
    """Return what the text of an answers file holds; ``name`` is for messages."""
    try:
        data = load_yaml(text)
    except YAMLError:
        message = f"{name}: cannot be read as YAML; restore it from git"
        raise AnswerError(message) from None
    if not isinstance(data, dict):
        message = f"{name}: holds no answers; restore it from git"
        raise AnswerError(message)
    return {str(key): value for key, value in data.items()}
