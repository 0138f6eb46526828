"""What one request is refused for: the codes of better-auth and of the auth package.

Most are what a visitor did, which no diagnostic could see.
"""

from __future__ import annotations

from .row import CHECK, Known, known

REQUESTS: tuple[Known, ...] = (
    known(
        "BA015",
        r"The import stopped after|may keep people out: say by --where|"
        r"has no column banned: |--inactive is skip or ban",
        "The people who were there before were not imported, or not all of them.",
        "The database refused or did not answer, or the import must be told whom to "
        "take: inactive people, or those whom a column of yours keeps out.",
        "docs/existing-users.md, next to the auth server, has the options; what was "
        "imported stays, and another run goes on",
    ),
    known(
        "BA018",
        r"/auth/me(?: HTTP/[\d.]+\")? 404\b",
        "FastAPI does not know GET /auth/me.",
        "The auth package's router is not included, or under another prefix.",
        f"{CHECK}BA018",
    ),
    known(
        "",
        r"Send one credential",
        "A request brought two credentials, and which one counts must be no luck.",
        "A cookie and an Authorization header at once; or two session cookies, one of "
        "them of a parent domain.",
        "send one: drop the Authorization header, or delete the site's cookies",
    ),
    known(
        "BA010",
        r"Untrusted origin",
        "A request with a cookie came from a page that is not trusted.",
        "FastAPI's CORS_ORIGINS does not name the page's origin.",
        f"{CHECK}BA010",
    ),
    known(
        "",
        r"\bUSER_ALREADY_EXISTS|User already exists",
        "There is a user with this address already.",
        "Each address has one user, whichever way they sign in.",
        "sign in, or ask for a new password; in a test, take another address",
    ),
    known(
        "",
        r"\b(?:TOKEN_EXPIRED|INVALID_TOKEN|OTP_EXPIRED|OTP_HAS_EXPIRED|INVALID_OTP|"
        r"ATTEMPTS_EXCEEDED)\b|\"(?:Token expired|Invalid token|Invalid OTP)\"|"
        r"^\s*(?:Token expired|Invalid token)\.?\s*$",
        "A mailed link, or its code, does not count any more.",
        "It was used once already, is older than it may be, or a newer one was asked "
        "for. Mail scanners open links too.",
        "ask for another: sign-in link, verification or new password",
    ),
    known(
        "",
        r"Invalid password hash",
        "The stored password is no hash of better-auth's.",
        "The users came from elsewhere, with hashes of bcrypt or argon2.",
        "verify those in auth.config.ts: emailAndPassword.password.verify; or let "
        "these users set a new password",
    ),
    known(
        "",
        r"\bINVALID_(?:EMAIL|USERNAME|PHONE_NUMBER)_OR_PASSWORD\b|"
        r"Invalid email or password|\bINVALID_PASSWORD\b|\"Invalid password\"|"
        r"CREDENTIAL_ACCOUNT_NOT_FOUND|Credential account not found",
        "No user has this address with this password.",
        "One of the two is wrong, or the person signed up another way and has none.",
        "ask for a new password: POST /api/auth/request-password-reset",
    ),
    known(
        "",
        r"\bPASSWORD_TOO_(?:SHORT|LONG)\b|Password too (?:short|long)|"
        r"\bPASSWORD_COMPROMISED\b|\bINVALID_EMAIL(?:_FORMAT)?\b|\"Invalid email\"|"
        r"\b(?:VALIDATION_ERROR|MISSING_FIELD|FIELD_NOT_ALLOWED|BODY_MUST_BE_AN_OBJECT)"
        r"\b|\[body\.\w+\] |UNSUPPORTED_MEDIA_TYPE|"
        r"entity\.(?:too\.large|parse\.failed)|"
        r"PayloadTooLarge|request entity too large",
        "The server does not accept what was sent.",
        "A field is missing or of another form: passwords have 8 characters or more, "
        "bodies are JSON.",
        "API_DOCUMENTATION.md, in the auth server's folder, has each field",
    ),
    known(
        "",
        r"\bSESSION_(?:EXPIRED|NOT_FRESH)\b|Session is not fresh|"
        r"Re-authenticate to perform|\bINVALID_SESSION_TOKEN\b",
        "That needs a recent sign-in.",
        "What changes an account is only allowed soon after a sign-in.",
        "sign in again, and repeat it",
    ),
    known(
        "",
        r"\b(?:FAILED_TO_UNLINK_LAST_ACCOUNT|ACCOUNT_NOT_FOUND|REFRESH_TOKEN_NOT_FOUND|"
        r"PROVIDER_NOT_(?:SUPPORTED|CONFIGURED)|(?:SOCIAL|LINKED)_ACCOUNT_ALREADY_\w+|"
        r"account_already_linked_to_different_user|email_does(?:n't|_not)_match|"
        r"FAILED_TO_GET_ACCESS_TOKEN|USER_EMAIL_NOT_FOUND|PASSWORD_ALREADY_SET)\b|"
        r"can't unlink your last account|\"Account not found\"",
        "That account at a provider cannot be used like this.",
        "It is not linked to this user, is the only one left, belongs to another user, "
        "or the provider is not configured here.",
        "GET /api/auth/list-accounts lists what is linked",
    ),
    known(
        "",
        r"\b(?:EMAIL_ALREADY_VERIFIED|EMAIL_MISMATCH|EMAIL_CAN_NOT_BE_UPDATED|"
        r"CHANGE_EMAIL_(?:IS_)?DISABLED|USER_NOT_FOUND)\b|Email is already verified|"
        r"\"User not found\"",
        "That address cannot be confirmed or changed like this.",
        "It is confirmed already, belongs to another user, or changing it is off.",
        "API_DOCUMENTATION.md, in the auth server's folder, lists what is on",
    ),
    known(
        "",
        r"\bBANNED_USER\b|have been banned from this application|"
        r"\bYOU_(?:ARE|CANNOT)_\w+|\bNO_ACTIVE_ORGANIZATION\b|"
        r"\b(?:ORGANIZATION|MEMBER|INVITATION)_NOT_FOUND\b",
        "This user may not do that.",
        "A role, a membership or a ban decides it.",
        "look at the user's role: GET /api/auth/get-session",
    ),
    known(
        "",
        r"error=(?:access_denied|no_code|invalid_code|oauth_provider_not_found|"
        r"unable_to_get_user_info|email_not_found|signup_disabled|issuer_mis\w+|"
        r"nonce_binding_missing|oauth_code_verification_failed)|"
        r"\bFAILED_TO_GET_USER_INFO\b|Failed to get user info",
        "The sign-in at Google, GitHub or the like was not completed.",
        "The person declined, the code had been used, the client's secret is another "
        "one, or the provider gave no address.",
        "try once more; then compare client id, secret and callback URL in its console",
    ),
    known(
        "",
        r"Too many (?:requests|attempts)|\bTOO_MANY_(?:REQUESTS|ATTEMPTS)\w*|"
        r"ACCOUNT_TEMPORARILY_LOCKED",
        "Too many requests came from one address in a short time.",
        "Where everybody is refused, all seem to come from one: TRUST_PROXY is wrong.",
        "wait (X-Retry-After has the seconds); behind a proxy, set TRUST_PROXY=1",
    ),
    known(
        "BA020 BA013",
        r"\bFAILED_TO_(?:CREATE|UPDATE)_(?:USER|SESSION|VERIFICATION)\b|"
        r"Failed to create (?:user|session)|unable_to_create_(?:user|session)|"
        r"COULD_NOT_CREATE_SESSION",
        "The database refused a row of the auth tables.",
        "A column that must be filled, a constraint or a trigger of the project's own.",
        f"{CHECK}BA020",
    ),
    known(
        "BA013",
        r"violates foreign key constraint \"[^\"]*(?:user|auth)|"
        r"duplicate key value violates unique constraint \"auth_",
        "A row refers to a user that is not in auth_user, or is there already.",
        "The id is of another table or another database, or two requests raced.",
        f"{CHECK}BA013",
    ),
    known(
        "",
        r"\bUSER_IN_USE\b",
        "The account was not deleted: rows of other tables refer to its user.",
        "Their foreign keys have no ON DELETE, so the database keeps the user.",
        "delete or hand over those rows first, or give the foreign key ON DELETE",
    ),
    known(
        "",
        r"not sent, because its addressee got many",
        "A mail was held back.",
        "One address was sent several mails within the hour.",
        "wait; in a test, use another address",
    ),
)
