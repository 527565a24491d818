"""Loads of single ULDs, and what a segment still has to load: the pieces of the search for a build-up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qafila.air.flight import Flight, Segment, UldType
from qafila.packing.filling import KNOBS, Wanted, best_of
from qafila.packing.pieces import Boxes, Room, boxes, room

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Load:
    """One ULD as found: `stack` holds variant and x1, y1, z1, x2, y2, z2 of each box, carriers first."""

    type: int
    segment: int
    stack: Ints
    count: Ints  # pieces of each lot
    weight: float  # kg with tare
    volume: float  # m³ of its pieces
    position: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Bookings:
    """A segment as arrays over its lots."""

    segment: Segment
    boxes: Boxes
    count: Ints
    penalty: Floats
    volume: Floats  # m³ of a piece
    allowed: NDArray[np.bool_]  # (types, lots): in time for the type's build-up, and not larger than it


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A flight as the search reads it."""

    flight: Flight
    bookings: tuple[Bookings, ...]
    types: tuple[UldType, ...]
    rooms: tuple[Room, ...]
    volumes: tuple[float, ...]  # m³ of each type


def task(flight: Flight) -> Task:
    """The arrays of a flight."""
    held = []
    for segment in flight.segments:
        lots = segment.lots
        arrays = boxes([lot.kind for lot in lots], flight.apart)
        allowed = np.zeros((len(flight.types), len(lots)), np.bool_)
        for t, kind in enumerate(flight.types):
            for n, lot in enumerate(lots):
                sizes = arrays.size[arrays.first[n] : arrays.first[n + 1]]
                fits = bool((sizes <= np.array(kind.contour.size)).all(axis=1).any())
                in_time = lot.ready + kind.seconds <= segment.departs
                allowed[t, n] = fits and in_time and lot.kind.weight + kind.tare <= kind.most
        held.append(
            Bookings(
                segment,
                arrays,
                np.array([lot.count for lot in lots], np.int32),
                np.array([lot.penalty for lot in lots], np.float64),
                np.array([lot.kind.volume / 1e6 for lot in lots], np.float64),
                allowed,
            )
        )
    return Task(
        flight,
        tuple(held),
        flight.types,
        tuple(room(t.contour) for t in flight.types),
        tuple(t.contour.volume / 1e6 for t in flight.types),
    )


def load(
    work: Task, segment: int, kind: int, left: Ints, value: Floats, most: float, attempts: int, seed: int
) -> Load | None:
    """Fill one ULD of a type from what is left.

    Args:
        work: the flight.
        segment: number of the segment.
        kind: number of the type.
        left: pieces of each lot that may go in.
        value: what one piece of each lot is worth; those at 0 or less stay out.
        most: kg that it may weigh in all.
        attempts: how many rules are tried.
        seed: of their weights.

    Returns:
        The best load; None if nothing fits.
    """
    booked, uld = work.bookings[segment], work.types[kind]
    limit = min(most, uld.most) - uld.tare
    if limit <= 0:
        return None
    worth = np.where(booked.allowed[kind], value, 0.0)
    stack, gained = best_of(
        booked.boxes, work.rooms[kind], Wanted(left, worth, limit), attempts, seed, np.empty(KNOBS)
    )
    if gained <= 0 or not len(stack):
        return None
    count = np.bincount(booked.boxes.kind[stack[:, 0]], minlength=len(left)).astype(np.int32)
    return Load(
        kind,
        segment,
        stack,
        count,
        uld.tare + float(count @ booked.boxes.weight),
        float(count @ booked.volume),
    )
