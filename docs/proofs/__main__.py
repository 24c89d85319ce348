"""``python -m docs.proofs``: how many operations are proved, and each that is not with the reason."""

from docs.proofs.proving import summary

if __name__ == "__main__":
    print(summary())
