"""Ours beside other packages on the same photos, weights and vectors, taking turns in one process.

The peers are installed into an environment of their own, never into the project's:

    python3.11 -m venv build/peers
    build/peers/bin/pip install -c constraints-cpu.txt -e '.[scale,fast]' -r benchmarks/peers/requirements.txt
    build/peers/bin/python -m benchmarks.peers.building
    build/peers/bin/python -m benchmarks.peers.ranking
    build/peers/bin/python -m benchmarks.peers.photos
    build/peers/bin/python -m benchmarks.peers.evaluating
"""
