"""The courses that a class can be about."""

from collections.abc import Mapping

from bot.dialogue import Context, Link
from bot.texts import Text, Words, _, fold

# AT MERGING: services.courses (id to Course) takes the place of these two tables.
_TITLES: dict[str, Text] = {
    "chong-lua": _("Not to be cheated"),
    "may": _("Getting to know the phone"),
    "zalo": _("Talking with the family on Zalo"),
    "vneid": _("Papers in the phone: VNeID"),
    "suc-khoe": _("Health on the phone"),
    "tien-so": _("Paying without cash"),
    "dvc": _("Public services online"),
    "tin-ai": _("News, and machines that answer"),
}
_GUIDES = {
    "chong-lua": "lua-dao-gia-danh",
    "may": "dien-thoai-co-ban",
    "zalo": "dien-thoai-co-ban",
    "vneid": "kich-hoat-vneid",
    "suc-khoe": "so-suc-khoe-dien-tu",
    "tien-so": "tai-khoan-ngan-hang",
    "dvc": "dang-nhap-cong-dvc",
    "tin-ai": "tro-ly-ai",
}


def course_titles(_ctx: Context) -> Mapping[str, Words]:
    """The title of each course by its id, in the order in which they are offered."""
    return _TITLES


def lesson_link(ctx: Context, course_id: str | None) -> Link | None:
    """What to look at again at home after a class about this course."""
    guide = ctx.services.library.guides.get(_GUIDES.get(course_id or "", ""))
    return Link(_("Look at it again at home"), f"g:{guide.id}") if guide else None


def find_course(ctx: Context, text: str) -> str | None:
    """The course whose title was typed."""
    render = ctx.services.texts.render
    named = (i for i, title in course_titles(ctx).items() if fold(render(title)) == fold(text))
    return next(named, None)
