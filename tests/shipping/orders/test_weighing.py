"""Grams under a heading of kilograms are asked about; heavy goods are not."""

from __future__ import annotations

import pytest

from tests.shipping.drafts import orders_of

HEAD = "order_id,country,city,title,quantity,unit_price,currency,weight_kg,length_cm,width_cm,height_cm\n"


@pytest.mark.parametrize(
    "cells",
    [
        "Savon noir 100 g,1,5,EUR,100,,,",
        "Savon,1,5,EUR,120,,,",
        "Argan soap bar,1,5,EUR,85,12,8,3",
        "Bougie 45 g,2,5,EUR,45,,,",
        "Huile d'argan 50 ml,1,9,EUR,50,,,",
        "صابون 100 غ,1,5,EUR,100,,,",
        "Tapis 2 kg,1,90,EUR,0.002,,,",
        "Tapis,1,90,EUR,0.025,,,",
    ],
)
def test_asked(cells: str) -> None:
    orders, problems = orders_of(HEAD + f"1,FR,Lyon,{cells}\n")
    assert not orders
    (problem,) = problems
    assert problem.field == "weight_kg"
    assert "with its unit" in str(problem.remedy)


@pytest.mark.parametrize(
    "cells",
    [
        "Savon noir 100 g,1,5,EUR,0.1,,,",
        "Savon 100 g,1,5,EUR,100 kg,,,",
        "Carpet,1,500,EUR,25,,,",
        "Engine block,1,500,EUR,90,60,50,50",
        "Whey 10 g protein bar 60 g,1,5,EUR,0.06,,,",
        "Sticker,1,1,EUR,0.002,,,",
        "Coffret 6 x 100 g,1,5,EUR,0.7,,,",
    ],
)
def test_taken(cells: str) -> None:
    orders, problems = orders_of(HEAD + f"1,FR,Lyon,{cells}\n")
    assert not problems
    assert len(orders) == 1
