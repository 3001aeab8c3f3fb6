"""One K-means iteration by faiss and by scikit-learn, on request: the peers of `lloyd-bench kmeans`.

    kmeans.py FOLDER COUNT DIMENSION CODEWORDS

FOLDER holds vectors.f32 and codebook.f32 (little-endian floats, row by row). Every line of standard input is a request,
every line of standard output an answer in JSON: "names" lists the peers that are installed; a peer's name runs one
iteration and answers {"seconds", "objective"}, seconds of processor time. One thread; the caller sets OMP_NUM_THREADS
and OPENBLAS_CORETYPE before the start.
"""

import json
import sys
import time

import numpy

folder, count, dimension, codewords = sys.argv[1], *map(int, sys.argv[2:5])
vectors = numpy.memmap(f"{folder}/vectors.f32", "<f4", "r", shape=(count, dimension))
codebook = numpy.fromfile(f"{folder}/codebook.f32", "<f4").reshape(codewords, dimension)

peers = {}
missing = []

try:
    import faiss

    faiss.omp_set_num_threads(1)

    def faiss_clustering():
        """faiss's own training loop for one iteration: search, centroids, empty clusters."""
        parameters = faiss.ClusteringParameters()
        parameters.niter = 1
        parameters.max_points_per_centroid = 1 << 30
        parameters.min_points_per_centroid = 1
        parameters.check_input_data_for_NaNs = False
        clustering = faiss.Clustering(dimension, codewords, parameters)
        faiss.copy_array_to_vector(codebook.ravel(), clustering.centroids)
        index = faiss.IndexFlatL2(dimension)
        start = time.process_time()
        clustering.train(vectors, index)
        seconds = time.process_time() - start
        return seconds, clustering.iteration_stats.at(0).obj

    def faiss_search():
        """Only the search of an iteration: less than the work it is compared with."""
        index = faiss.IndexFlatL2(dimension)
        index.add(codebook)
        start = time.process_time()
        distances, _ = index.search(vectors, 1)
        seconds = time.process_time() - start
        return seconds, float(distances.sum(dtype=numpy.float64))

    peers["faiss"] = faiss_clustering
    peers["faiss, search alone"] = faiss_search
except ImportError as error:
    missing.append(f"faiss is left out ({error}); install it with: {sys.executable} -m pip install faiss-cpu")

try:
    from sklearn.cluster._k_means_lloyd import lloyd_iter_chunked_dense
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1)
    weights = numpy.ones(count, numpy.float32)
    new = numpy.zeros_like(codebook)
    totals = numpy.zeros(codewords, numpy.float32)
    labels = numpy.full(count, -1, numpy.int32)
    shift = numpy.zeros(codewords, numpy.float32)

    def sklearn_iteration():
        """The step inside KMeans(algorithm="lloyd"), without the checks and copies around its loop."""
        start = time.process_time()
        lloyd_iter_chunked_dense(
            vectors, weights, codebook, new, totals, labels, shift, n_threads=1, update_centers=True
        )
        return time.process_time() - start, None

    peers["scikit-learn"] = sklearn_iteration
except ImportError as error:
    missing.append(
        f"scikit-learn is left out ({error}); install it with: "
        f"{sys.executable} -m pip install scikit-learn threadpoolctl"
    )

for line in sys.stdin:
    request = line.strip()
    if request == "names":
        answer = {"names": list(peers)}
        if missing:
            answer["missing"] = "; ".join(missing)
    elif request in peers:
        seconds, objective = peers[request]()
        answer = {"seconds": seconds}
        if objective is not None:
            answer["objective"] = objective
    else:
        answer = {"error": f"no peer is called {request}"}
    print(json.dumps(answer), flush=True)
