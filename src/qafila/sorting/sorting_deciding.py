"""Which chute: from what is expected, the plan in place and what was read, by look-ups in memory alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count

from qafila.core.identifiers import s10
from qafila.core.message import SENTENCES, Message, Place
from qafila.sorting import sorting_messages as say
from qafila.sorting.misreads import LENGTH, Numbers, meant, plain
from qafila.sorting.model import Centre, Expected, Reading, SortPlan, Special, Verdict

Named = Callable[[str], Place]


def _bare(facility: str) -> Place:
    return Place(facility, facility)


class Desk:
    """What one centre knows while it sorts. One thread decides at a time; another may hand it news (`tell`).

    Args:
        centre: its chutes and limits.
        plan: the sort plan in place; None: everything but what is special goes to `no_chute`.
        named: the name of a facility, for reasons.
    """

    def __init__(self, centre: Centre, plan: SortPlan | None = None, named: Named = _bare) -> None:
        self.centre = centre
        self._special = dict(centre.special)
        self._named = named
        self._expected: dict[str, Expected] = {}
        self._numbers: Numbers | None = None
        self._around = timedelta(minutes=centre.around)
        self.follow(plan)

    def follow(self, plan: SortPlan | None) -> None:
        """Puts a plan in place, whole."""
        self.plan = plan
        self._turns = {to: count() for to in plan.chutes} if plan is not None else {}
        self._group = (
            {to: chute for chute, stops in plan.groups.items() for to in stops} if plan is not None else {}
        )

    def rearrange(self, centre: Centre, plan: SortPlan | None) -> None:
        """Another arrangement of the same centre, and the plan for it."""
        self.centre = centre
        self._special = dict(centre.special)
        self._around = timedelta(minutes=centre.around)
        self.follow(plan)

    def tell(self, expected: Iterable[Expected], gone: Iterable[str] = ()) -> None:
        """Adds or changes what is expected, and forgets what is not any more."""
        found = self.prepared(expected, gone)
        if found is not None:
            self.adopt(*found)

    def prepared(
        self, expected: Iterable[Expected], gone: Iterable[str] = ()
    ) -> tuple[dict[str, Expected], Numbers] | None:
        """What `adopt` takes, made beside the decisions, so that they never wait for it; None where nothing is new."""
        news = {one.parcel: one for one in expected if self._expected.get(one.parcel) != one}
        lost = [number for number in gone if number in self._expected]
        if not news and not lost:
            return None
        every = {**self._expected, **news}
        for number in lost:
            every.pop(number)
        strange = lost or any(number not in self._expected for number in news)
        return every, Numbers(every) if strange or self._numbers is None else self._numbers

    def adopt(self, expected: dict[str, Expected], numbers: Numbers) -> None:
        """Takes what was prepared."""
        self._expected, self._numbers = expected, numbers

    def learn(self, one: Expected) -> None:
        """Adds a single parcel at once; numbers near it are found after the next news."""
        self._expected[one.parcel] = one

    def expects(self, number: str) -> Expected | None:
        """The parcel of this number, if it is on its way through here."""
        return self._expected.get(number)

    def every(self) -> Iterable[Expected]:
        """All parcels that are on their way through here."""
        return self._expected.values()

    def __len__(self) -> int:
        return len(self._expected)

    @property
    def numbers(self) -> Numbers:
        """The expected numbers, to look for near ones; made anew after news."""
        if self._numbers is None:
            self._numbers = Numbers(list(self._expected))
        return self._numbers

    def decide(
        self,
        reading: Reading,
        elsewhere: Callable[[str], Expected | bool] = lambda number: False,
        group: str = "",
    ) -> Verdict:
        """The chute of what was read.

        Args:
            reading: code, time, and what was weighed and measured.
            elsewhere: asked about a sound number that is not expected here: what is known of it here since, True for
                a parcel that does not pass here, False for none that was booked. It may ask the database: it is called
                for strangers alone.
            group: in a second pass, the chute of the group from which it comes.
        """
        number = plain(reading.code)
        one = self._expected.get(number)
        corrected = ""
        if one is None and len(number) == LENGTH and (right := meant(number, self.numbers)):
            corrected, number, one = number, right, self._expected[right]
        found: Expected | bool = one if one is not None else False
        if one is None and s10.is_valid(number):  # what fails its check digit was never booked
            found = elsewhere(number)
        verdict = self.judged(reading, number, found, group)
        if not corrected:
            return verdict
        told = say.CORRECTED(read=corrected, number=number)
        return Verdict(
            verdict.chute,
            verdict.why,
            SENTENCES(first=verdict.reason, second=told),
            verdict.parcel,
            verdict.expected,
            corrected,
        )

    def judged(self, reading: Reading, number: str, found: Expected | bool, group: str = "") -> Verdict:
        """The chute of a number of which it is known what it is here; see `decide`.

        Args:
            reading: what was weighed and measured, and when.
            number: as it is written.
            found: the parcel; True: it is known and does not pass here; False: it is none that was booked.
            group: in a second pass, the chute of the group from which it comes.
        """
        return self._again(group, self._verdict(reading, number, found))

    def _verdict(self, reading: Reading, number: str, found: Expected | bool) -> Verdict:
        one = found if isinstance(found, Expected) else None
        parcel = number if found is not False else ""
        if one is not None and one.held:
            why = Special(one.held)
            return self._aside(why, say.RECALLED() if why is Special.RECALLED else say.HELD(), parcel, one)
        if reading.damaged:
            return self._aside(Special.DAMAGED, say.DAMAGED(), parcel, one)
        if found is False:
            told = say.UNKNOWN if len(number) == LENGTH and "?" not in number else say.UNREADABLE
            return self._aside(Special.UNKNOWN, told(number=reading.code[:40]), "", None)
        too_much = self._too_much(reading)
        if too_much is not None:
            return self._aside(*too_much, parcel, one)
        if one is None:
            return self._aside(
                Special.ASTRAY, say.ASTRAY(place=self._named(self.centre.facility)), parcel, None
            )
        if reading.at + self._around > one.board_by:
            told_missed = say.MISSED(service=one.service, time=one.board_by)
            return self._aside(Special.MISSED, told_missed, parcel, one)
        return self._planned(one)

    def _too_much(self, reading: Reading) -> tuple[Special, Message] | None:
        limits, (a, b, c) = self.centre.limits, sorted(reading.size_mm, reverse=True)
        if reading.grams > limits.grams:
            return Special.OVERWEIGHT, say.OVERWEIGHT(grams=reading.grams, most=limits.grams)
        if a > limits.longest_mm or a + 2 * (b + c) > limits.girth_mm:
            size = " × ".join(map(str, (a, b, c)))
            return Special.OVERSIZE, say.OVERSIZE(size=size, most=limits.longest_mm, girth=limits.girth_mm)
        return None

    def _planned(self, one: Expected) -> Verdict:
        if self.plan is None:
            return self._aside(Special.NO_CHUTE, say.NO_PLAN(), one.parcel, one)
        to = one.next or self.centre.facility
        chutes = self.plan.chutes.get(to)
        if chutes:
            chute = chutes[next(self._turns[to]) % len(chutes)] if len(chutes) > 1 else chutes[0]
            if one.next:
                reason = say.BY_PLAN(place=self._named(to), service=one.service, time=one.board_by)
            else:
                reason = say.BY_PLAN_LAST(service=one.service, time=one.board_by)
            return Verdict(chute, "plan", reason, one.parcel, one)
        group = self._group.get(to)
        if group is not None:
            return Verdict(group, "plan", say.FIRST_PASS(place=self._named(to)), one.parcel, one)
        return self._aside(Special.NO_CHUTE, say.NO_CHUTE(place=self._named(to)), one.parcel, one)

    def _again(self, group: str, verdict: Verdict) -> Verdict:
        if not group or self.plan is None or verdict.why != "plan" or verdict.expected is None:
            return verdict
        one = verdict.expected
        to = one.next or self.centre.facility
        chute = self.plan.second.get(group, {}).get(to)
        if chute is None:
            return verdict
        reason = say.BY_PLAN(place=self._named(to), service=one.service, time=one.board_by)
        return Verdict(chute, "plan", reason, verdict.parcel, one)

    def _aside(self, why: Special, reason: Message, parcel: str, one: Expected | None) -> Verdict:
        chute = self._special.get(why.value) or self._special[Special.UNKNOWN.value]
        return Verdict(chute, why.value, reason, parcel, one)
