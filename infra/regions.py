#!/usr/bin/env python3
"""Compares wasm-core/src/regions.json with AWS's public price lists, and renews it.

usage: regions.py check            say which prices differ, or are known there and not here
       regions.py renew            the same, and write them with today's date
       regions.py csp              print what the page may ask for a sign of life, for a connect-src
       regions.py selftest         try the reading of price lists on a made one; needs no network

No account is needed. A list of a region is 1 to 60 MB; all take some minutes.
What price lists do not tell (carbon, law, energy) is renewed by hand, with its date and source.
"""
import datetime
import json
import pathlib
import re
import sys
import urllib.error
import urllib.request

FILE = pathlib.Path(__file__).resolve().parent.parent / "wasm-core" / "src" / "regions.json"
LIST = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{offer}/current/{region}/index.json"

# Name in regions.json: offer, what the kind of use is called behind the region's abbreviation, listed for how many.
PRICES = {
    "lambda_gb_s": ("AWSLambda", r"Lambda-GB-Second-ARM", 1),
    "lambda_requests_million": ("AWSLambda", r"Request-ARM", 1_000_000),
    "s3_put_thousand": ("AmazonS3", r"Requests-Tier1", 1_000),
    "s3_get_thousand": ("AmazonS3", r"Requests-Tier2", 1_000),
    "s3_storage_gb_month": ("AmazonS3", r"TimedStorage-ByteHrs", 1),
    "egress_gb": ("AWSDataTransfer", r"DataTransfer-Out-Bytes", 1),
    "step_functions_thousand": ("AmazonStates", r"StateTransition", 1_000),
    "eventbridge_million": ("AWSEvents", r"Event-64K-Chunks", 1_000_000),
    "http_api_million": ("AmazonApiGateway", r"ApiGatewayHttpRequest", 1_000_000),
    "logs_gb": ("AmazonCloudWatch", r"DataProcessing-Bytes", 1),
}


def first_tier(listed, kind):
    """The price of the first tier that costs something, or None where there is not exactly one."""
    pattern = re.compile(r"([A-Z0-9]+-)?" + kind)
    found = set()
    for sku, product in listed["products"].items():
        if not pattern.fullmatch(product["attributes"].get("usagetype", "")):
            continue
        for term in listed["terms"]["OnDemand"].get(sku, {}).values():
            tiers = sorted(term["priceDimensions"].values(), key=lambda tier: float(tier.get("beginRange", 0)))
            paid = [float(tier["pricePerUnit"]["USD"]) for tier in tiers if float(tier["pricePerUnit"].get("USD", 0)) > 0]
            found.update(paid[:1])
    return found.pop() if len(found) == 1 else None


def fetch(offer, region):
    """A price list; None where the region has none."""
    try:
        with urllib.request.urlopen(LIST.format(offer=offer, region=region), timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code in (403, 404):
            return None
        raise


def renewed(known, price_list):
    """Prices that differ: (region, name, here, there). What cannot be told stays as it is."""
    changes = []
    for region in known["regions"]:
        lists = {}
        for name, (offer, kind, amount) in PRICES.items():
            if offer not in lists:
                lists[offer] = price_list(offer, region["code"])
            found = lists[offer] and first_tier(lists[offer], kind)
            if not found:
                print(f"{region['code']} {name}: not found in the price list; left as it is", file=sys.stderr)
                continue
            there, here = float(f"{found * amount:.9g}"), region["prices"].get(name)
            if here is None or abs(here - there) > 1e-6 * there:
                changes.append((region["code"], name, here, there))
    return changes


def write(known, changes, today):
    """Puts prices into the file, as text, so that its lines stay as they are."""
    text = FILE.read_text(encoding="utf-8")
    for code, name, _, there in changes:
        start = text.index(f'"code": "{code}"')
        end = text.index('"prices": {', start)
        line_end = text.index("}", end)
        prices = re.sub(rf'"{name}": [^,}}]+?(?=,| \}}|\}})', f'"{name}": {there!r}', text[end:line_end + 1])
        text = text[:end] + prices + text[line_end + 1:]
    text = re.sub(r'("checked": )"[^"]*"', rf'\1"{today}"', text, count=1)
    text = re.sub(r'("column": "prices",\s*"date": )"[^"]*"', rf'\1"{today}"', text, count=1)
    json.loads(text)
    FILE.write_text(text, encoding="utf-8")


def selftest():
    tier = lambda begin, usd: {"beginRange": begin, "pricePerUnit": {"USD": usd}}
    listed = {
        "products": {"A": {"attributes": {"usagetype": "EUN1-Requests-Tier1"}}, "B": {"attributes": {"usagetype": "EUN1-Requests-Tier10"}},
                     "C": {"attributes": {"usagetype": "DataTransfer-Out-Bytes"}}},
        "terms": {"OnDemand": {"A": {"t": {"priceDimensions": {"1": tier("0", "0.000005")}}}, "B": {"t": {"priceDimensions": {"1": tier("0", "9")}}},
                               "C": {"t": {"priceDimensions": {"2": tier("10240", "0.085"), "1": tier("0", "0.09"), "0": tier("0", "0")}}}}},
    }
    assert first_tier(listed, "Requests-Tier1") == 0.000005
    assert first_tier(listed, "DataTransfer-Out-Bytes") == 0.09
    assert first_tier(listed, "Nothing") is None
    known = json.loads(FILE.read_text(encoding="utf-8"))
    of_s3 = lambda offer, region: listed if offer == "AmazonS3" else None
    changes = renewed({"regions": [region for region in known["regions"] if region["code"] in ("sa-east-1", "us-east-1")]}, of_s3)
    assert changes == [("sa-east-1", "s3_put_thousand", 0.007, 0.005)], changes
    names = set(PRICES)
    assert all(set(region["prices"]) == names for region in known["regions"])
    print("The reading of price lists works.")


def main(what):
    known = json.loads(FILE.read_text(encoding="utf-8"))
    if what == "csp":
        print(" ".join(f"https://dynamodb.{region['code']}.amazonaws.com/ping" for region in known["regions"]))
    elif what == "selftest":
        selftest()
    elif what in ("check", "renew"):
        try:
            changes = renewed(known, fetch)
        except (urllib.error.URLError, TimeoutError) as error:
            sys.exit(f"The price lists cannot be reached ({error}); the table stays as it is. Try again when you are online.")
        for code, name, here, there in changes:
            print(f"{code} {name}: {'not known' if here is None else here} here, {there} there")
        if what == "renew":
            write(known, changes, datetime.date.today().isoformat())
            print(f"{FILE} has {len(changes)} other prices. Count docs/costs.md again where us-east-1 changed.")
        elif changes:
            sys.exit(1)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else "")
