// Open MPI for Swift: what its header offers only as macros (handles, marker addresses) becomes a function here.
#ifndef LLOYD_COPENMPI_SHIM_H
#define LLOYD_COPENMPI_SHIM_H

#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

static inline MPI_Comm lloyd_mpi_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Comm lloyd_mpi_comm_self(void) { return MPI_COMM_SELF; }
static inline MPI_Request lloyd_mpi_request_null(void) { return MPI_REQUEST_NULL; }
static inline MPI_Errhandler lloyd_mpi_errors_return(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Status *lloyd_mpi_status_ignore(void) { return MPI_STATUS_IGNORE; }
static inline const void *lloyd_mpi_in_place(void) { return MPI_IN_PLACE; }

static inline MPI_Datatype lloyd_mpi_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype lloyd_mpi_int32(void) { return MPI_INT32_T; }
static inline MPI_Datatype lloyd_mpi_int64(void) { return MPI_INT64_T; }
static inline MPI_Datatype lloyd_mpi_float(void) { return MPI_FLOAT; }
static inline MPI_Datatype lloyd_mpi_double(void) { return MPI_DOUBLE; }

static inline MPI_Op lloyd_mpi_sum(void) { return MPI_SUM; }

#endif
