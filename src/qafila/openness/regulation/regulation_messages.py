"""What the regulator's view says: the name, the meaning and the columns of each figure."""

from __future__ import annotations

from qafila.core.message import Template, template

REPORT = template("oversight.report", "The hub as a regulator sees it")
SPAN = template("oversight.span", "From {since} to {until}, {size} entries of the log")
METHOD = template(
    "oversight.method",
    "Each figure was counted twice: by the hub from its database, and by the documented query from the published log and "
    "the openings of its commitments.",
)
EQUAL = template("oversight.equal", "The same from the published log")
DIFFERENT = template("oversight.different", "Different from what the published log says")
NONE = template("oversight.none", "Nothing of this kind in these days.")
OPENINGS = template(
    "oversight.openings",
    "{fit} values fit their commitments, {erased} were erased, {broken} do not fit.",
)
ALL_EQUAL = template("oversight.all_equal", "All figures are the same from the published log.")
SOME_DIFFER = template(
    "oversight.some_differ",
    "{n} figures differ from what the published log says.",
    one="{n} figure differs from what the published log says.",
)
QUERY = template("oversight.query", "The query")
FROM_LOG = template("oversight.from_log", "From the published log")
PAGE = template("oversight.page", "page")

NAMES: dict[str, tuple[Template, Template]] = {
    "hhi_volume": (
        template("oversight.hhi_volume", "Concentration of volume (HHI)"),
        template("oversight.hhi_volume.meaning", "Sum of the squared percentages of booked parcels that each merchant has; 10,000 is one merchant alone."),
    ),
    "hhi_capacity": (
        template("oversight.hhi_capacity", "Concentration of capacity (HHI)"),
        template("oversight.hhi_capacity.meaning", "The same for grams on departures: who has how much of the room."),
    ),
    "own_share": (
        template("oversight.own_share", "Share of the operator’s own sellers"),
        template("oversight.own_share.meaning", "Part of booked parcels that the hub itself sends."),
    ),
    "price_dispersion": (
        template("oversight.price_dispersion", "Spread of prices for like shipments"),
        template("oversight.price_dispersion.meaning", "Standard deviation over mean among offers with the same rides, weight and currency; zero where all pay the same."),
    ),
    "preference": (
        template("oversight.preference", "How each kind of sender was answered"),
        template("oversight.preference.meaning", "Requests, part of them that got an offer, and the mean price of the first offer. Whether a difference is more than chance is said below."),
    ),
    "refusals": (
        template("oversight.refusals", "Refusals by reason"),
        template("oversight.refusals.meaning", "Orders without an offer by the field that stood in the way, and offers that could not be booked."),
    ),
    "congestion": (
        template("oversight.congestion", "Congestion by place"),
        template("oversight.congestion.meaning", "How full the departures were that bookings took room of, and how many departures were found full."),
    ),
    "trade": (
        template("oversight.trade", "Exports and imports through the hub"),
        template("oversight.trade.meaning", "Bookings by direction, seen from the hub’s own country."),
    ),
    "dependency": (
        template("oversight.dependency", "Dependency of merchants"),
        template("oversight.dependency.meaning", "Goods sold through the hub against all that a merchant says it sold in the year, in euro. Merchants who said nothing are not shown."),
    ),
    "data_places": (
        template("oversight.data_places", "Where data are kept"),
        template("oversight.data_places.meaning", "As the operator declared it last in the log."),
    ),
    "complaints": (
        template("oversight.complaints", "Complaints and how long they took"),
        template("oversight.complaints.meaning", "Complaints filed in these days: answered, answered late, without an answer past their day, and days to the answer."),
    ),
    "suspensions": (
        template("oversight.suspensions", "Suspensions"),
        template("oversight.suspensions.meaning", "How many there were, with a statement of reasons, and with notice."),
    ),
    "entries": (
        template("oversight.entries", "Entries of the log"),
        template("oversight.entries.meaning", "Decisions by kind."),
    ),
    "erased": (
        template("oversight.erased", "Erased values"),
        template("oversight.erased.meaning", "Entries of which a value was erased; they are in no figure that needs it."),
    ),
}  # fmt: skip
"""Each figure's name and what it means."""

COLUMNS: dict[str, Template] = {
    "hhi": template("oversight.column.hhi", "Index"),
    "share": template("oversight.column.share", "Share"),
    "dispersion": template("oversight.column.dispersion", "Spread"),
    "class": template("oversight.column.class", "Kind of sender"),
    "currency": template("oversight.column.currency", "Currency"),
    "requests": template("oversight.column.requests", "Requests"),
    "accepted": template("oversight.column.accepted", "Got an offer"),
    "price": template("oversight.column.price", "Mean price"),
    "reason": template("oversight.column.reason", "Reason"),
    "refusals": template("oversight.column.refusals", "Refusals"),
    "facility": template("oversight.column.facility", "Place"),
    "percent": template("oversight.column.percent", "How full, %"),
    "departures": template("oversight.column.departures", "Departures"),
    "full": template("oversight.column.full", "Found full"),
    "direction": template("oversight.column.direction", "Direction"),
    "bookings": template("oversight.column.bookings", "Bookings"),
    "owner": template("oversight.column.owner", "Merchant"),
    "year": template("oversight.column.year", "Year"),
    "sold": template("oversight.column.sold", "Through the hub, EUR"),
    "stated": template("oversight.column.stated", "All sales, EUR"),
    "what": template("oversight.column.what", "What"),
    "country": template("oversight.column.country", "Country"),
    "holder": template("oversight.column.holder", "Held by"),
    "topic": template("oversight.column.topic", "About"),
    "filed": template("oversight.column.filed", "Filed"),
    "answered": template("oversight.column.answered", "Answered"),
    "late": template("oversight.column.late", "Late"),
    "overdue": template("oversight.column.overdue", "Past their day"),
    "days": template("oversight.column.days", "Days"),
    "suspensions": template("oversight.column.suspensions", "Suspensions"),
    "with_reasons": template("oversight.column.with_reasons", "With reasons"),
    "with_notice": template("oversight.column.with_notice", "With notice"),
    "kind": template("oversight.column.kind", "Kind"),
    "entries": template("oversight.column.entries", "Entries"),
}
"""The columns of all figures."""

WORDS: dict[str, Template] = {
    "export": template("oversight.word.export", "export"),
    "import": template("oversight.word.import", "import"),
    "inside": template("oversight.word.inside", "inside the country"),
    "transit": template("oversight.word.transit", "from and to elsewhere"),
    "hub": template("oversight.word.hub", "the hub itself"),
    "merchant": template("oversight.word.merchant", "merchants"),
    "erased": template("oversight.word.erased", "erased"),
    "accepted": template("oversight.word.accepted", "got an offer"),
    "price": template("oversight.word.price", "price"),
    "days": template("oversight.word.days", "days under way"),
    "waited_ms": template("oversight.word.waited", "milliseconds waited"),
    "days_late": template("oversight.word.days_late", "days after the promise"),
    "left_behind": template("oversight.word.left_behind", "left behind at a departure"),
    "damaged": template("oversight.word.damaged", "damaged"),
    "lost": template("oversight.word.lost", "lost"),
    "stayed": template("oversight.word.stayed", "stayed for another day’s round"),
    "put_aside": template("oversight.word.put_aside", "put aside by a sorter"),
}
"""Words of figures that are said in the reader's language; others stand as they are."""

PREFERENCE = template("oversight.chance", "More than chance?")
PREFERENCE_MEANING = template(
    "oversight.chance.meaning",
    "Each kind of sender against all others, like with like, with intervals at 95 %; p-values are corrected for how many "
    "comparisons there are (Holm). Fewer than {fewest} observations on a side say nothing.",
)
TOO_FEW = template("oversight.too_few", "too few to say anything")
BIASED = template("oversight.biased", "more than chance")
CHANCE = template("oversight.by_chance", "may be chance")
DIFFERENCE = template("oversight.difference", "Difference")
INTERVAL = template("oversight.interval", "Interval")
SAID = template("oversight.said", "What it says")

NOT_A_SPAN = template("oversight.not_a_span", "The first day, {since}, must be before the last, {until}.")
OTHER_DAYS = template("oversight.other_days", "Give a first day and a later last day.")
NOTHING_YET = template("oversight.nothing_yet", "Nothing of the log is published yet.")
PUBLISH_FIRST = template(
    "oversight.publish_first", "The operator runs `qafila serve` or `qafila log run`; then ask again."
)
NOT_SOUND = template("oversight.not_sound", "What is published is not what was signed: {why}.")
AUDIT_IT = template("oversight.audit_it", "`qafila log audit` names the entries.")
NO_REPORT = template("oversight.no_report", "There is no report {id} of yours.")
