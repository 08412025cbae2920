"""A guide as readers see it on a given day: figures filled in, doubts said plainly.

Labels go through the catalogue; what the guide itself says is in the reader's language already.
"""

from datetime import datetime
from decimal import Decimal

from bot.content.guide import Document, Fee, Guide
from bot.content.library import Library, Local
from bot.content.rates import Amount
from bot.texts import LOCAL_ZONE, Date, Text, Words, _, join

FREE = _("free")


class Reading:
    """One guide on one day."""

    def __init__(self, library: Library, guide: Guide, now: datetime) -> None:
        self.guide = guide
        self._library = library
        self._today = now.astimezone(LOCAL_ZONE).date()

    @property
    def steps(self) -> int:
        return len(self.guide.steps)

    def title(self) -> str:
        icon = self._library.categories[self.guide.category].icon
        return f"{icon} {self.guide.title}"

    def cover(self) -> Words:
        """For whom, how much, how long, where; and what to be careful about on this day."""
        cover = self.guide.cover
        facts = join(
            _("For: %(whom)s", whom=self._fill(cover.for_whom)),
            _("Costs: %(cost)s", cost=self._fill(cover.cost)),
            _("Takes: %(time)s", time=self._fill(cover.time)),
            _("Where: %(where)s", where=self._fill(cover.where)),
            between="\n",
        )
        return join(self.title(), facts, self.warning())

    def warning(self) -> Words:
        """That something here may be out of date; empty when all is in order."""
        if self.guide.is_past_review(self._today):
            return _(
                "⚠ This was last checked on %(day)s and may have changed. Please ask an officer.",
                day=Date(self.guide.checked_on),
            )
        if not self._figures_hold():
            return _("⚠ A figure here has run out and must be checked. Please ask an officer.")
        return ""

    def _figures_hold(self) -> bool:
        rates = self._library.rates
        texts = [text for _field, text in self.guide.readable_texts()]
        texts += [f"{{{fee.amount}}}" for fee in self.guide.fees if isinstance(fee.amount, str)]
        return all(rates.knows_all(text, self._today) for text in texts)

    def document(self, document: Document) -> str:
        text = self._fill(document.text)
        return f"{text} ({self._fill(document.when)})" if document.when else text

    def step(self, number: int) -> Words:
        """ "Bước 2/6" and what to do; `number` counts from 1."""
        step = self.guide.steps[number - 1]
        parts: list[Words] = [self.step_head(number), self._fill(step.do)]
        if step.see:
            parts.append(f"👉 {self._fill(step.see)}")
        return join(*parts)

    def step_head(self, number: int) -> Words:
        return _(
            "Step %(number)s/%(count)s · %(title)s",
            number=number,
            count=self.steps,
            title=self.guide.title,
        )

    def step_in_full(self, number: int) -> Words:
        """The step with everything that may happen instead."""
        branches = self.guide.steps[number - 1].branches
        return join(self.step(number), *(self.branch(number, i) for i in range(len(branches))))

    def branch(self, number: int, index: int) -> Words:
        branch = self.guide.steps[number - 1].branches[index]
        return join(
            _("If this happens: %(what)s", what=self._fill(branch.when)),
            self._fill(branch.do),
            between="\n",
        )

    def fees(self) -> Words:
        lines = [self._fee(fee) for fee in self.guide.fees]
        return join(_("What it costs"), *lines, between="\n") if lines else ""

    def _fee(self, fee: Fee) -> Words:
        what = self._fill(fee.what)
        if fee.condition:
            what = f"{what} ({self._fill(fee.condition)})"
        amount = self._amount(fee)
        if amount is None:
            return _("• %(what)s: please ask an officer", what=what)
        line = _("• %(what)s: %(amount)s", what=what, amount=amount)
        if fee.certainty == "partly" and amount is not FREE:
            return join(line, _("(ask again before you pay)"), between=" ")
        return line

    def _amount(self, fee: Fee) -> Words | None:
        if isinstance(fee.amount, int):
            return str(Amount(Decimal(fee.amount), "đồng")) if fee.amount else FREE
        if fee.amount is None:
            return None
        amount = self._library.rates.amount(fee.amount, self._today)
        return str(amount) if amount.value is not None else None

    def places(self, commune_code: str | None) -> Words:
        """Who decides, where it is done, and what the reader's own ward says of its office."""
        guide = self.guide
        local = self._library.local.get(commune_code or "")
        return join(
            _("Who is in charge: %(who)s", who=self._fill(guide.authority)),
            _("On the phone or computer: %(where)s", where=self._fill(guide.online))
            if guide.online
            else "",
            _("In person: %(where)s", where=self._fill(guide.in_person)) if guide.in_person else "",
            _local_lines(local) if local else "",
            *(f"☎ {contact.name}: {contact.reach}" for contact in guide.contacts),
            between="\n",
        )

    def mistakes(self) -> Words:
        return self._list(_("What often goes wrong"), self.guide.mistakes)

    def scams(self) -> Words:
        return self._list(_("Beware of fraud"), self.guide.scams)

    def doubts(self) -> Words:
        """What nobody could confirm; empty when all of it is known."""
        return self._list(_("Please ask an officer about"), self.guide.unsure)

    def whole(self, commune_code: str | None) -> Words:
        """All of it in one text, to keep, print or pass on, with where it is from."""
        numbers = range(1, self.steps + 1)
        return join(
            self.cover(),
            self._list(_("Papers"), tuple(map(self.document, self.guide.documents))),
            *(self.step_in_full(number) for number in numbers),
            self.fees(),
            self.places(commune_code),
            self.mistakes(),
            self.scams(),
            self.doubts(),
            self.sources(),
        )

    def sources(self) -> Words:
        laws = "; ".join(law.number for law in self.guide.laws)
        return join(
            _("Legal basis: %(laws)s", laws=laws) if laws else "",
            _(
                "Checked on %(day)s; to be checked again by %(next)s.",
                day=Date(self.guide.checked_on),
                next=Date(self.guide.review_by),
            ),
            *(f"• {source.url}" for source in self.guide.sources),
            between="\n",
        )

    def _list(self, head: Text, items: tuple[str, ...]) -> Words:
        if not items:
            return ""
        return join(head, *(f"• {self._fill(item)}" for item in items), between="\n")

    def _fill(self, text: str) -> str:
        return self._library.rates.fill(text, self._today)


def _local_lines(local: Local) -> Words:
    return join(
        f"🏛 {local.office}",
        local.address or "",
        _("Open: %(hours)s", hours=local.hours) if local.hours else "",
        _("Phone: %(phone)s", phone=local.phone) if local.phone else "",
        between="\n",
    )
