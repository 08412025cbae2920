"""A team's chat group: offers are posted there too; private matters stay in private chats."""

from bot.dialogue import Context, Dialogue, Done, Link, Reply, Turn, number
from bot.texts import Words, _, join
from handlers.words import area, summary, topic
from storage.groups import find_group, link_group, list_posted
from storage.members import LEADING, list_roles, record
from storage.outbox import Post, Priority
from storage.requests import HelpRequest
from storage.teams import get_team

dialogue = Dialogue("group")


@dialogue.command("nhom", _("Offers in the team's group"))
async def link(turn: Turn, _argument: str) -> Reply:
    """Typed in a group by a leader, this makes it the team's own."""
    if turn.incoming.private:
        return Done(_("Add me to your team's group, and type /nhom there."))
    led = [r for r in await list_roles(turn.conn, turn.person.id) if r.role in LEADING]
    if not led or led[0].team_id is None:
        return Done(_("Only a team's leader or deputy can choose its group."))
    team = await get_team(turn.conn, led[0].team_id)
    group = turn.incoming.chat_key
    await link_group(turn.conn, team.id, turn.chat.channel, group, turn.now)
    await record(turn.conn, turn.person.id, "group", f"team:{team.id}", turn.now)
    await _post(
        turn, team.id, _("Requests near %(team)s are shown here from now on.", team=team.name)
    )
    return Done(_("Good: offers for %(team)s come to that group too.", team=team.name))


async def _post(
    ctx: Context,
    team_id: int,
    words: Words,
    *,
    links: tuple[Link, ...] = (),
    about: int | None = None,
    edits: str = "",
) -> None:
    group = await find_group(ctx.conn, team_id)
    if group is None:
        return
    body = ctx.body(words, number(ctx.services, links))
    if edits:
        body["edits"] = edits
    post = Post(
        group.chat_id, group.chat_key, group.channel, Priority.HELP, body, ctx.now, to_group=True
    )
    post.request_id = about
    ctx.posts.append(post)


async def offer_in_group(ctx: Context, request: HelpRequest) -> None:
    """Show the request in the group of its team, unless it stands there already."""
    if request.team_id is None:
        return
    group = await find_group(ctx.conn, request.team_id)
    if group is None or len(await list_posted(ctx.conn, group.chat_id, request.id)) % 2:
        return  # it stands there: each offer is followed by one line on what became of it
    where = await area(ctx, request.commune_code, request.team_id)
    words = join(_("Somebody near you needs help."), summary(ctx, request, where))
    links = (Link(_("I will help"), f"claim:{request.id}"),)
    await _post(ctx, request.team_id, words, links=links, about=request.id)


async def settle_in_group(ctx: Context, request: HelpRequest, words: Words) -> None:
    """Say in place of the offer what became of it, so that nobody presses in vain."""
    group = await find_group(ctx.conn, request.team_id) if request.team_id else None
    if group is None or request.team_id is None:
        return
    heading = _("%(topic)s (%(code)s)", topic=topic(request), code=request.code)
    posted = await list_posted(ctx.conn, group.chat_id, request.id)
    if len(posted) % 2:
        told = join(heading, words, between="\n")
        await _post(ctx, request.team_id, told, about=request.id, edits=posted[-1] or "")
