"""Hashes of passwords, each made by the library that it is of."""

from __future__ import annotations

PASSWORD = "correct horse ünïcode"  # noqa: S105 - for tests alone
# Of which bcrypt reads the first 72 bytes.
LONG_PASSWORD = "long-" * 20

# By the scheme that discovery records, and who wrote it.
OLD_HASHES = {
    "bcrypt 2b": ("$2b$05$QRbuCJ4ngaS24X9DmBWl/uCJly8apKKHGZWhcl5xQWN5XlxZO7nV6"),
    "bcrypt 2a": ("$2a$05$YfgQJMfjFC1qJ1SwBQwsu.UqMcHh/oMuUpn8a6k.OPrzbxE8rs0se"),
    "bcrypt 2y": ("$2y$05$QRbuCJ4ngaS24X9DmBWl/uCJly8apKKHGZWhcl5xQWN5XlxZO7nV6"),
    "bcrypt of 100 bytes": (
        "$2b$05$1bdznBvLMCR7u8COJuRTA.4zqb47DrmYwScGOl7aUaE7TApY9p81S"
    ),
    "argon2id": (
        "$argon2id$v=19$m=8192,t=3,p=4$YVWqn+EA/uniyIfF6ukIzw$WKOSRk+50XhUrpHfC"
        "3kGU934EGuiXNQ5zafRILDNhIA"
    ),
    "argon2i": (
        "$argon2i$v=19$m=8192,t=3,p=4$NIs8Cb4vmfVpEZOxy5uq9g$5FbT6Yz9A1bPDTrzp4"
        "8F9HAwAhz2apziMHW0tCWhKW8"
    ),
    "django": (
        "pbkdf2_sha256$20000$saltsaltsalt$O1QM1dc6CLLxq9f7mOowD4co5sOyC9CbeMUOOOlmNn4="
    ),
    "django sha1": (
        "pbkdf2_sha1$1000000$oQu322MOua4KXLx7phXBuS$0XdnU0rExtmOCmG7ahW36oHaA04="
    ),
    "werkzeug scrypt": (
        "scrypt:32768:8:1$Nky8teQMARCdnPjU$3c6f7285a9923c525e9b44b54a889551b94b"
        "1738288ec9d87af2c62bd46672133a61ba44b65da24b80480a331c5553dcf063d15fcb"
        "2b20ca71693b06553b7c37"
    ),
    "werkzeug pbkdf2": (
        "pbkdf2:sha256:20000$qqE1nS8BjMGuK4xC$fd0203bd4c1c1a433112ab797ef7efa45"
        "18ae3d2e44f2df419c46fe14808e0b0"
    ),
    "werkzeug pbkdf2 sha512": (
        "pbkdf2:sha512:20000$Z9wh9CNsvnjAga2n$7e5913282c9dbfb2246b88016948376cf"
        "05b24dad3e5ff33ce4c3bc16ec0698b6361bf15c743decb16007c7c0befbff6a708a6f"
        "13c8f13683426bba5e044c86b"
    ),
    "passlib pbkdf2 sha256": (
        "$pbkdf2-sha256$2000$5dxby7mX8l4rZSzF2HtvTQ$eWQAJIV4LX/ZLurYKzkeRTymg2j"
        "X1kjXAaXRScTR4hA"
    ),
    "passlib pbkdf2 sha512": (
        "$pbkdf2-sha512$2000$Qmit9R4jpFSKsdb6v5eyFg$Jhoyf6S8OZ8huP/BApdBl0ore.z"
        "5ksVh/CJRMtL9Due3xa0u1AasLaI1Oj9LLMksFsVYQiL5QdJo/IfvemFwrg"
    ),
    "passlib scrypt": (
        "$scrypt$ln=10,r=8,p=1$IeR8jzHm3FvLWeu9934PwQ$QV5hc27d05NyYoz99j92QfA6e"
        "dStP4nkdWy07jeCm6Q"
    ),
}

# Where people were before, and a project into which they move.
USERS_TABLE = {
    "table": "users",
    "id": "id",
    "id_type": "integer",
    "email": "email",
    "password": "hashed_password",
    "scheme": "",
    "verified": "is_verified",
    "active": "is_active",
    "name": "full_name",
}
MOVED = {
    "auth_methods": ["email_password"],
    "auth_email_verification": False,
    "auth_existing_users": "import",
    "auth_existing_users_table": USERS_TABLE,
}
