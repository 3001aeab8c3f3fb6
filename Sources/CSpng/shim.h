// The decoder and encoder for PNG, unchanged.
#include <spng.h>
