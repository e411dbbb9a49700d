"""Planted mistakes about secrets: logins, sessions, cookies, errors, addresses, at rest. Each is felt elsewhere."""

from __future__ import annotations

from .defect import Defect, kind

_FILE = "security/test_sensitive.py::test_"
_BROWSER = f"{_FILE}browsers_are_told_to_be_careful"
_PASSWORDS = f"{_FILE}no_password_stands_in_databases_and_backups"
_LOGIN = "POST:/api/v1/login"


def _browser(demand: str) -> str:
    return f"{_BROWSER}[[]{demand}]"


DEFECTS: tuple[Defect, ...] = kind(
    "permission",
    # the login
    (
        "lockout_missing", "SEC-021", "密码可以无限次猜下去", "Passwords can be guessed without end",
        f"{_FILE}passwords_cannot_be_guessed_without_end", _LOGIN,
    ),
    (
        "lockout_misses_web", "SEC-021", "登录页不计输错次数，只有接口计", "Wrong passwords count by API only",
        f"{_FILE}passwords_cannot_be_guessed_without_end",
    ),
    (
        "login_tells_account", "SEC-021", "登录提示透露账号是否存在", "The login tells which accounts exist",
        f"{_FILE}a_refused_login_does_not_tell_who_has_an_account", _LOGIN,
    ),
    # the session
    (
        "session_fixation", "SEC-022", "登录后沿用登录前的会话", "The session from before the login lives on",
        f"{_FILE}every_login_is_a_new_session",
    ),
    (
        "login_reuses_session", "SEC-022", "每次登录都是同一个令牌", "Every login of a person has the same token",
        f"{_FILE}every_login_is_a_new_session", _LOGIN,
    ),
    (
        "token_never_expires", "SEC-022", "令牌十年有效", "Tokens are good for ten years",
        f"{_FILE}a_session_ends_in_due_time", _LOGIN,
    ),
    (
        "token_compared_in_part", "SEC-022", "令牌只比对前半段", "Only the first part of a token is compared",
        f"{_FILE}a_session_cannot_be_forged",
    ),
    (
        "web_logout_keeps_session", "IT-005", "网页退出后会话仍有效", "The page's sign-out drops only the cookie",
        f"{_FILE}a_session_is_dead_after_the_sign_out",
    ),
    # what browsers are told
    (
        "cookie_readable_by_scripts", "SEC-026", "会话 Cookie 没有 HttpOnly", "Scripts can read the session cookie",
        _browser("cookies"),
    ),
    (
        "cookie_sent_cross_site", "SEC-026", "会话 Cookie 随跨站请求发出", "Other sites' requests carry the cookie",
        _browser("cookies"),
    ),
    ("no_store_missing", "SEC-026", "个人信息可被缓存", "Caches may keep personal data", _browser("no-store")),
    ("nosniff_missing", "SEC-026", "浏览器会猜内容类型", "Browsers guess what a file is", _browser("nosniff")),
    ("frames_allowed", "SEC-026", "页面可被别的网站嵌入", "Pages can be framed by other sites", _browser("frame")),
    ("scripts_unrestricted", "SEC-026", "页面没有内容安全策略", "Pages have no content policy", _browser("csp")),
    (
        "cors_reflects_origin", "SEC-026", "任何网站都能带着登录读取接口", "Any site may read with the visitor's login",
        _browser("cors"),
    ),
    # errors, headers, addresses
    (
        "stack_trace_in_errors", "SEC-023", "出错时返回程序堆栈", "Errors hold the stack trace",
        f"{_FILE}broken_requests_bring_no_internals_to_light",
    ),
    (
        "sql_in_errors", "SEC-023", "出错时返回 SQL 语句", "Errors hold the SQL statement",
        f"{_FILE}broken_requests_bring_no_internals_to_light",
    ),
    (
        "version_in_headers", "SEC-023", "应答头写明软件版本", "Headers tell the versions of the software",
        f"{_FILE}headers_tell_no_versions",
    ),
    (
        "token_in_address", "SEC-024", "登录后网址里带着令牌", "The address after the login holds the token",
        f"{_FILE}no_address_holds_a_secret_or_personal_data",
    ),
    (
        "address_tells_phone", "SEC-024", "新建后转到的网址里有手机号", "The address of a new record holds the phone",
        f"{_FILE}no_address_holds_a_secret_or_personal_data", "POST:/api/v1/customers POST:/api/v1/leads",
    ),
    # at rest
    (
        "password_plain_at_rest", "SEC-025", "数据库里是明文密码", "The database holds plain passwords", _PASSWORDS,
    ),
    (
        "password_hashed_bare", "SEC-025", "密码只做了无盐的 MD5", "Passwords are hashed by bare MD5", _PASSWORDS,
    ),
    (
        "password_in_audit", "SEC-025", "新建账号的密码写进了操作日志", "The audit log holds a new password",
        _PASSWORDS,
    ),
    (
        "password_unsalted", "SEC-025", "密码散列没有加盐", "Password hashes have no salt of their own",
        f"{_FILE}equal_passwords_have_different_hashes",
    ),
)  # fmt: skip
