// One instruction set's table. The including file has set CK_VL (floats in a vector), CK_NAME (a suffix) and the target.
#include <math.h>
#include "include/ck_table.h"
#include "kernels_math.h"
#include "kernels_map.h"
#include "kernels_rows.h"
#include "kernels_histogram.h"
#include "kernels_product.h"

const ck_table CK_NAME(ck_table) = {
    .panel = 2 * CK_VL, .tile_rows = CK_TILE_ROWS, .row_panel = CK_NAME(row_panel), .outer_panel = CK_NAME(outer_panel),
    .dots = CK_NAME(dots), .row_times_matrix = CK_NAME(row_times_matrix), .transpose = CK_NAME(transpose),
    .map = CK_NAME(map), .map_gradient = CK_NAME(map_gradient), .zip = CK_NAME(zip), .select = CK_NAME(select),
    .add_into = CK_NAME(add_into), .reduce_row = CK_NAME(reduce_row), .reduce_columns = CK_NAME(reduce_columns),
    .sum_of_squares = CK_NAME(sum_of_squares), .softmax = CK_NAME(softmax), .softmax_gradient = CK_NAME(softmax_gradient),
    .moments = CK_NAME(moments), .normalize = CK_NAME(normalize), .batch_norm_sums = CK_NAME(batch_norm_sums),
    .batch_norm_gradient = CK_NAME(batch_norm_gradient), .layer_norm = CK_NAME(layer_norm),
    .layer_norm_gradient = CK_NAME(layer_norm_gradient), .dropout = CK_NAME(dropout), .sgd = CK_NAME(sgd),
    .adam = CK_NAME(adam), .spread = CK_NAME(spread), .bins = CK_NAME(bins),
};
